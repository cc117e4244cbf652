"""The hash by which git names a file's content, where git itself is not there. Usage: git_hash.py FILE"""
import hashlib
import sys

data = open(sys.argv[1], "rb").read()
print(hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest())
