# Lessons and bundles
