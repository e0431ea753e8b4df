/**
 * A volume as a mounted file system, by the kernel's own FUSE protocol over {@code /dev/fuse}: no library in between.
 *
 * <p>One write(2), from the kernel to the volume:
 *
 * <ol>
 *   <li>The kernel has the name looked up ({@link NameOperations#lookup}) and the file opened ({@link FileOperations#open}),
 *       and from then on names the file by its inode number and a handle, a place in {@link OpenFiles}.
 *   <li>It puts a WRITE request of up to 1 MiB into the queue of its connection, and puts the program to sleep.
 *   <li>One {@link Worker} of the {@link DeviceQueue}, waiting in read(2) of its own clone of the device, is given the whole
 *       request in its buffer, which a {@link Request} reads: a header, the operation's fields, the bytes. Where no other
 *       worker is waiting any more, it has the queue start one.
 *   <li>{@link Dispatcher#serve} finds the operation by the header's {@link Opcode}: {@link FileOperations#write}.
 *   <li>That hands the bytes where they lie to {@code OpenFile.write}, which copies them into the volume's pages, and puts
 *       the count into the {@link Reply}.
 *   <li>The worker sends the reply by write(2) to the device it had the request from; the kernel keeps the bytes in its own
 *       pages and wakes the program.
 * </ol>
 *
 * <p>Where the kernel offers io_uring, the third and the last step are one system call of a {@link RingWorker}: it gives the reply
 * and is given the next request of its {@link RingQueue}, both by the memory of a {@link RingEntry}. All between is the same.
 *
 * <p>What can take long and may make the kernel ask something meanwhile (dedupe and clone by ioctl, a seek that must see
 * memory maps) is said to be so ({@link SlowAnswers}). A worker of the device has it done by a thread apart ({@link Later}); one of
 * a ring, which has only the one way to answer, does it while others serve.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>U1. A node number is an inode number, which is never used again: so generation 0 does, and handles for export stay
 *       good for ever.
 *   <li>U2. An inode that the kernel knows is not freed: {@link KernelReferences} keeps what loses its last name while the
 *       kernel's count of it is not zero.
 *   <li>U3. The kernel checks permissions, access control lists among them, by attributes that are always true: whatever changes them but by its request is
 *       followed by {@link KernelCache#invalidateAttributes}. What the kernel does not know of, immutable files for one, the volume checks.
 *   <li>U4. Who notifies the kernel of a file's pages is no worker that others count on: the kernel waits, with the pages locked,
 *       for requests that workers must serve. On the device that is never a worker; in a {@link RingQueue} another one is idle
 *       then, and has fetched what came before it was.
 * </ul>
 */
@NullMarked
package samepage.linux.fuse;

import org.jspecify.annotations.NullMarked;
