"""The composition root: which services there are, how a process is put together from them, the ``liuhen`` command."""
