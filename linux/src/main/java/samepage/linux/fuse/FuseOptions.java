package samepage.linux.fuse;

import samepage.vfs.VfsOptions.AccessTimes;

/**
 * How a volume is mounted.
 *
 * @param source what mount(8) shows as the mounted device
 * @param subtype {@code samepage} for the type {@code fuse.samepage}; empty for {@code fuse}
 * @param readOnly whether nothing may be changed
 * @param accessTimes what mount(8) shows of them; the volume moves them
 * @param allowOther whether other users than the one who mounts may use it
 * @param setIds whether programs run with their owner's rights where their set-id bits say so
 * @param devices whether device nodes are devices
 * @param execution whether programs may be run
 * @param rings whether requests come by io_uring where the kernel offers that
 */
public record FuseOptions(
        String source,
        String subtype,
        boolean readOnly,
        AccessTimes accessTimes,
        boolean allowOther,
        boolean setIds,
        boolean devices,
        boolean execution,
        boolean rings) {}
