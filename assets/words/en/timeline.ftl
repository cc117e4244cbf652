# Plans with stages
