"""The killable child processes in which untrusted bytes are parsed.

A nursery process with a clean environment imports the parsers once and then only forks. Each child
it forks serves one task at a time over its own socket, under limits of memory and processor time;
the parent keeps the wall clock and has the nursery kill a child that overruns. Nothing of the
parent's is inherited: no environment, no socket, no terminal. What a child answers is read as data:
only our own types and plain values are unpickled.

multiprocessing's forkserver is not used because it starts with the parent's environment, where the
tokens are, and imports the parent's main module.
"""

from bot.sandbox.pool import ProcessSandbox, SandboxLimits

__all__ = ["ProcessSandbox", "SandboxLimits"]
