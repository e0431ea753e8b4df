package samepage.linux.fuse;

import samepage.vfs.Vfs;

/** What is served, and what is known of the kernel's side of it: shared by all operations of one mount. */
record Served(
        Vfs vfs, AttributeFormat attributes, KernelReferences references, OpenFiles files, KernelCache kernelCache) {}
