"""Who may read what here: the base set (`base.cedar`), what a member adds, what is in force, what a change changes."""
