# Comparing runs, saving plots
