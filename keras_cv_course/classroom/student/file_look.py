"""Has a file changed since the last look? By its time and size, and now and then by its content."""

import hashlib

LOOKS_BETWEEN_READS = 7  # a network drive may keep a file's old time and size: read it anyway, now and then


class Look:
    """What a file was like when it was last looked at.

    Args:
        path: the file, which need not exist.
    """

    def __init__(self, path):
        self.path, self.looks = path, 0
        self.seen, self.content = self._stat(), self._hash()

    def changed(self, peek=False):
        """Whether it has changed, or is gone.

        Args:
            peek: look only; the next look finds the same change.
        """
        self.looks += 1
        stat = self._stat()
        if stat == self.seen and self.looks % LOOKS_BETWEEN_READS:
            return False
        content = self._hash()
        gone = stat is None and self.seen is not None
        # Without a content, and not gone: an editor may be writing it right now.
        same = content == self.content or (content is None and not gone)
        if not peek:
            self.seen = stat
            if not same:
                self.content = content
        return not same

    def _stat(self):
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _hash(self):
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError:
            return None
