/**
 * The host's files as Linux gives them: names are bytes, times have nanoseconds, and every step goes by directory descriptor and
 * name, so that a tree that changes while it is walked can mislead nobody out of it. {@code java.nio.file} keeps none of that.
 *
 * <p>Begin with {@link samepage.linux.syscall.HostDirectory}. The classes named {@code ...Calls} are the system calls themselves,
 * bound to the C library by {@code java.lang.foreign}: they take and return plain numbers, a failure as the negated error number.
 * The {@code Host...} classes above them turn a failure into a {@link samepage.errno.VfsException} that names the path.
 *
 * <p>A name is one entry of a directory: not empty, neither {@code .} nor {@code ..}, without {@code /} and without NUL
 * ({@code EINVAL} otherwise). A path may be anything without NUL. Buffers are native segments; a heap segment is refused with
 * {@link java.lang.IllegalArgumentException}. Calls block their thread, a virtual one's carrier too. An interrupted call
 * ({@code EINTR}) is made again.
 *
 * <p>For x86_64 and aarch64. Running it without a warning takes {@code --enable-native-access=samepage.linux}.
 */
@NullMarked
package samepage.linux.syscall;

import org.jspecify.annotations.NullMarked;
