package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;

/** What an import shares while it goes on. */
class ImportSharingTest {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    Path directory;

    private Path tree;

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(directory.resolve("tree"));
    }

    private void makeCopies(int count, int bytes) throws IOException {
        var content = new byte[bytes];
        new Random(1).nextBytes(content);
        for (int i = 0; i < count; i++) {
            Files.write(tree.resolve("copy" + i), content);
        }
    }

    @Test
    void import_ofCopies_waitsForTheSharing() throws Exception {
        makeCopies(64, MEBIBYTE);
        var path = directory.resolve("store.samepage");
        var files = new AtomicInteger();
        try (var progress = new Progress(new Console(new ByteArrayOutputStream(), new ByteArrayOutputStream(), 0));
                var volume = OpenVolume.toChangeOrCreate(HostPath.of(path))) {
            var leftOut = new LeftOut(progress);
            SharingPass.ONE_AT_A_TIME.lock();
            try (var sharing = new ImportSharing(volume, progress, leftOut, 4 * MEBIBYTE);
                    var importer = new Importer(volume, progress, leftOut, counting(files, sharing))) {
                var importing = CompletableFuture.runAsync(() -> copy(importer), Thread::startVirtualThread);
                try {
                    await().until(() -> files.get() >= 4);
                    Thread.sleep(500);
                    assertThat(files).hasValue(4);
                } finally {
                    SharingPass.ONE_AT_A_TIME.unlock();
                }
                importing.join();
                sharing.finish();

                assertThat(files).hasValue(64);
                assertThat(sharing.totals().sharedBytes()).isEqualTo(63L * MEBIBYTE);
                assertThat(sharing.totals().freedBytes()).isEqualTo(63L * MEBIBYTE);
                assertThat(volume.storedBytes()).isEqualTo(MEBIBYTE);
            }
        }
        CommandRun.assertClean(path);
    }

    private void copy(Importer importer) {
        try {
            importer.copy(List.of(ImportSource.of(tree.toString())), new byte[] {'/'});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ImportedFiles counting(AtomicInteger files, ImportedFiles next) {
        return new ImportedFiles() {
            @Override
            public void imported(long ino, long sizeBytes) throws IOException {
                files.incrementAndGet();
                next.imported(ino, sizeBytes);
            }

            @Override
            public boolean makeRoom() throws IOException {
                return next.makeRoom();
            }
        };
    }

    @Test
    void import_ofMoreCopiesThanTheDiskHolds_fits() throws Exception {
        makeCopies(12, 16 * MEBIBYTE);

        onSmallDisk(volume -> {
            CommandRun.done("import", tree, volume);

            CommandRun.done("export", volume, directory.resolve("out"));
            assertThat(TreeDescription.of(directory.resolve("out/tree"))).isEqualTo(TreeDescription.of(tree));
        });
    }

    @Test
    void import_ofMoreThanTheDiskHoldsWithNothingToShare_endsAndSaysSo() throws Exception {
        var random = new Random(2);
        var content = new byte[16 * MEBIBYTE];
        for (int i = 0; i < 12; i++) {
            random.nextBytes(content);
            Files.write(tree.resolve("other" + i), content);
        }

        onSmallDisk(volume -> {
            var imported = CommandRun.of("import", tree, volume);

            assertThat(imported.status()).isEqualTo(Main.DONE_IN_PART);
            assertThat(imported.errors()).contains("make room and run the import again");
        });
    }

    private interface WithVolume {
        void run(Path volume) throws Exception;
    }

    /** With a volume, not there yet, on a disk of 160 MiB, of which 64 are kept for metadata. */
    private void onSmallDisk(WithVolume test) throws Exception {
        assumeTrue(HostProcess.effectiveUserId() == 0, "only root can mount a small file system");
        var small = Files.createDirectory(directory.resolve("small"));
        assertThat(HostCommand.run("mount", "-t", "tmpfs", "-o", "size=160m", "none", small))
                .isEmpty();
        try {
            var volume = small.resolve("store.samepage");
            test.run(volume);
            CommandRun.assertClean(volume);
        } finally {
            HostCommand.run("umount", "-l", small);
        }
    }
}
