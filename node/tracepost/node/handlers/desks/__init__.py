"""Who works here: officers, deputies, desks on a case, unlocked keys, and the member's own policies."""
