package samepage.dedupe;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import samepage.block.MemoryBlockDevice;
import samepage.vfs.Caller;
import samepage.vfs.OpenFlag;
import samepage.vfs.Vfs;
import samepage.vfs.VfsOptions;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.MetadataStore;
import samepage.volume.Volume;

class VolumeDedupeTargetTest {
    private static final int BLOCK = 4096;
    private static final String SHARER = "sharer";

    private final CountDownLatch isSharing = new CountDownLatch(1);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    /** A store that keeps whoever shares waiting in the midst of the transaction. */
    private MetadataStore stoppingTheSharer(MetadataStore store) {
        return (MetadataStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MetadataStore.class}, (_, method, arguments) -> {
                    if (Thread.currentThread().getName().equals(SHARER)) {
                        isSharing.countDown();
                        mayGoOn.await();
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static long file(Vfs vfs, String name, byte[] content) throws IOException {
        long ino = vfs.create(Caller.ROOT, Volume.ROOT, name.getBytes(StandardCharsets.UTF_8), 0644)
                .ino();
        try (var file = vfs.open(Caller.ROOT, ino, EnumSet.of(OpenFlag.READ, OpenFlag.WRITE))) {
            assertThat(file.write(0, MemorySegment.ofArray(content))).isEqualTo(content.length);
            file.fsync(false);
        }
        return ino;
    }

    @Test
    void read_ofAFileThatIsBeingShared_waits() throws Exception {
        var volume = Volume.createOn(new MemoryBlockDevice(BLOCK), stoppingTheSharer(new MemoryMetadataStore()));
        try (var vfs = Vfs.mount(volume, VfsOptions.DEFAULT.withCacheBytes(8 << 20));
                var sharer = Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().name(SHARER).factory());
                var reader = Executors.newSingleThreadExecutor()) {
            byte[] content = new byte[4 * BLOCK];
            new Random(1).nextBytes(content);
            long source = file(vfs, "source", content);
            long target = file(vfs, "target", content);
            vfs.sync();
            var volumeTarget = VolumeDedupeTarget.of(vfs, Caller.ROOT);
            DedupeTarget.File looked = requireNonNull(volumeTarget.file(target));

            var sharing = sharer.submit(() -> volumeTarget.share(new RangePair(source, 0, target, 0, content.length)));
            isSharing.await();
            var reading = reader.submit(() -> {
                volumeTarget.read(looked, 0, new BlockWindow(8));
                return true;
            });
            try {
                assertThatThrownBy(() -> reading.get(100, TimeUnit.MILLISECONDS))
                        .isInstanceOf(TimeoutException.class);
            } finally {
                mayGoOn.countDown();
            }
            assertThat(reading.get()).isTrue();
            assertThat(sharing.get()).isNotNull();
        }
    }
}
