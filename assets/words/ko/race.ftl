# Races and ladders
