"""Telling officers that something waits at their desk, without saying what: by mail, or to a web address.

waiting     what waits at which desk, and since when; noted in the store
noted       for which desks it is noted what waits
due         which answers that we owe are due soon, or overdue
roster      who is told now
rota        the settings in force, read anew when their file changes
telling     decides, durably; sends afterwards, outside of any transaction
letters     what is sent: fixed sentences in the desk's language, and nothing else
"""
