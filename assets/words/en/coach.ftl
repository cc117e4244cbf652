# The coach
