/*
 * Does everything to files that a program can, and knows every byte they must have.
 *
 *   exercise content DIRECTORY SECONDS SEED    owners of files: each a process with files of its own and their content in memory.
 *                                              What they do is compared at once; at the end all is read again, and a manifest left
 *   exercise verify DIRECTORY                  compares the files with the manifests: after a remount, a kill
 *   exercise tree DIRECTORY SECONDS SEED       processes that make, move and remove the same few names; at the end every name must
 *                                              lead somewhere, and every count of links be the number of names
 *
 * Where the file system has the ioctls of a mounted volume, ranges are cloned and deduped by them too.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { OWNERS = 3, FILES = 3, LONGEST = 1 << 20, BLOCK = 4096, CONTENTS = 24, REMEMBERED = 60 };

static const unsigned long CLONE_RANGE = 0x4020E60D, DEDUPE_RANGE = 0xC038E636;

struct clone { uint64_t source, source_offset, length, target_offset; };
struct dedupe {
    uint64_t source_offset, length;
    uint16_t count, reserved1;
    uint32_t reserved2;
    uint64_t target, target_offset, bytes;
    int32_t status;
    uint32_t reserved3;
};

struct file {
    char name[16];
    int fd, direct;
    ino_t ino;
    long size;
    unsigned char *map, *content;
};

static struct file files[FILES];
static unsigned char contents[CONTENTS][BLOCK], *scratch;
static uint64_t state;
static char done[REMEMBERED][160];
static long steps;

static uint64_t draw(uint64_t below) {
    state += 0x9E3779B97F4A7C15u;
    uint64_t z = state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return below ? (z ^ z >> 31) % below : 0;
}

static void note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(done[steps++ % REMEMBERED], sizeof done[0], format, arguments);
    va_end(arguments);
}

static void fail(const char *format, ...) {
    va_list arguments;
    int error = errno;
    for (long step = steps > REMEMBERED ? steps - REMEMBERED : 0; step < steps; step++)
        if (*done[step % REMEMBERED]) printf("  %ld %s\n", step, done[step % REMEMBERED]);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf(" (%s)\n", strerror(error));
    fflush(stdout);
    _exit(1);
}

static void must(int holds, const char *what) {
    if (!holds) fail("%s", what);
}

/* A file's content past its end is zero, so that growing needs no thought. */
static void resized(struct file *f, long size) {
    if (size < f->size) memset(f->content + size, 0, f->size - size);
    f->size = size;
}

static void open_file(struct file *f, int flags) {
    f->fd = open(f->name, O_RDWR | flags, 0644);
    f->direct = open(f->name, O_RDWR | O_DIRECT);
    must(f->fd >= 0 && f->direct >= 0, "open");
    f->map = mmap(NULL, LONGEST, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
    must(f->map != MAP_FAILED, "mmap");
    struct stat status;
    must(fstat(f->fd, &status) == 0, "fstat");
    f->ino = status.st_ino;
    if (status.st_size != f->size) fail("%s has %ld bytes, not %ld", f->name, (long)status.st_size, f->size);
}

static void close_file(struct file *f) {
    must(munmap(f->map, LONGEST) == 0 && close(f->direct) == 0 && close(f->fd) == 0, "close");
}

static void compare(struct file *f, const unsigned char *bytes, long offset, long length, const char *how) {
    for (long i = 0; i < length; i++)
        if (bytes[i] != f->content[offset + i])
            fail("%s at %ld of %ld is %d by %s, not %d", f->name, offset + i, f->size, bytes[i], how, f->content[offset + i]);
}

static void read_and_compare(struct file *f, int fd, long offset, long length, const char *how) {
    long read = pread(fd, scratch, length, offset);
    long expected = offset >= f->size ? 0 : offset + length > f->size ? f->size - offset : length;
    if (read != expected) fail("read %ld of %ld at %ld of %s by %s", read, expected, offset, f->name, how);
    compare(f, scratch, offset, read, how);
}

/* Few contents, mostly in whole blocks: there is much to share. */
static void fill(unsigned char *bytes, long offset, long length) {
    for (long at = 0; at < length;) {
        long within = (offset + at) % BLOCK, piece = BLOCK - within;
        if (piece > length - at) piece = length - at;
        memcpy(bytes + at, contents[draw(CONTENTS)] + within, piece);
        at += piece;
    }
}

static void pick_range(long bound, long *offset, long *length) {
    *offset = draw(bound);
    *length = 1 + draw(draw(3) ? 3 * BLOCK : 40 * BLOCK);
    if (draw(2)) *offset -= *offset % BLOCK;
    if (draw(2)) *length += BLOCK - 1 - (*length + BLOCK - 1) % BLOCK;
    if (*length > bound - *offset) *length = bound - *offset;
}

static void written(struct file *f, const unsigned char *bytes, long offset, long length) {
    memcpy(f->content + offset, bytes, length);
    if (offset + length > f->size) f->size = offset + length;
}

static void write_step(struct file *f, int direct) {
    long offset, length;
    pick_range(LONGEST, &offset, &length);
    if (direct) {
        offset -= offset % BLOCK;
        length += BLOCK - 1 - (length + BLOCK - 1) % BLOCK;
    }
    fill(scratch, offset, length);
    note("write %s %ld %ld%s", f->name, offset, length, direct ? " direct" : "");
    must(pwrite(direct ? f->direct : f->fd, scratch, length, offset) == length, "write");
    written(f, scratch, offset, length);
}

static void append_step(struct file *f) {
    long length = 1 + draw(2 * BLOCK);
    if (f->size + length > LONGEST) return;
    int fd = open(f->name, O_WRONLY | O_APPEND);
    fill(scratch, f->size, length);
    note("append %s %ld", f->name, length);
    must(fd >= 0 && write(fd, scratch, length) == length && close(fd) == 0, "append");
    written(f, scratch, f->size, length);
}

static void read_step(struct file *f, int direct) {
    long offset, length;
    pick_range(LONGEST, &offset, &length);
    if (direct) {
        offset -= offset % BLOCK;
        length += BLOCK - 1 - (length + BLOCK - 1) % BLOCK;
    }
    note("read %s %ld %ld%s", f->name, offset, length, direct ? " direct" : "");
    read_and_compare(f, direct ? f->direct : f->fd, offset, length, direct ? "direct read" : "read");
}

static void map_step(struct file *f, int store) {
    if (!f->size) return;
    long offset, length;
    pick_range(f->size, &offset, &length);
    note("%s %s %ld %ld", store ? "store" : "load", f->name, offset, length);
    if (store) {
        fill(scratch, offset, length);
        memcpy(f->map + offset, scratch, length);
        written(f, scratch, offset, length);
        if (!draw(4)) must(msync(f->map, LONGEST, draw(2) ? MS_SYNC : MS_ASYNC) == 0, "msync");
    } else {
        compare(f, f->map + offset, offset, length, "map");
    }
}

static void truncate_step(struct file *f) {
    long size = draw(3) ? (long)draw(LONGEST) : f->size - f->size % BLOCK;
    note("truncate %s %ld", f->name, size);
    must((draw(2) ? ftruncate(f->fd, size) : truncate(f->name, size)) == 0, "truncate");
    resized(f, size);
}

static void allocate_step(struct file *f) {
    static const int modes[] = {0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE,
        FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE};
    int mode = modes[draw(5)];
    long offset, length;
    pick_range(LONGEST, &offset, &length);
    note("fallocate %s %ld %ld mode %d", f->name, offset, length, mode);
    must(fallocate(f->fd, mode, offset, length) == 0, "fallocate");
    if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) {
        long end = offset + length < f->size ? offset + length : f->size;
        if (offset < end) memset(f->content + offset, 0, end - offset);
    }
    if (!(mode & FALLOC_FL_KEEP_SIZE) && offset + length > f->size) f->size = offset + length;
}

static void copy_step(struct file *from, struct file *to) {
    long source, target, length;
    pick_range(LONGEST, &source, &length);
    target = draw(LONGEST - length + 1);
    if (draw(2)) target -= target % BLOCK;
    if (from == to && (source + length > from->size || (source < target + length && target < source + length))) return;
    note("copy_file_range %s %ld to %s %ld, %ld", from->name, source, to->name, target, length);
    off_t at = source, there = target;
    for (long left = length; left > 0;) {
        long copied = copy_file_range(from->fd, &at, to->fd, &there, left, 0);
        must(copied >= 0, "copy_file_range");
        if (!copied) break;
        left -= copied;
    }
    long copied = at - source, expected = source >= from->size ? 0 : from->size - source;
    if (expected > length) expected = length;
    if (copied != expected) fail("copied %ld of %ld", copied, expected);
    memmove(scratch, from->content + source, copied);
    if (copied) written(to, scratch, target, copied);
}

static void sendfile_step(struct file *from, struct file *to) {
    if (from == to || !from->size) return;
    long offset, length;
    pick_range(from->size, &offset, &length);
    off_t at = offset, target = draw(LONGEST - length + 1);
    note("sendfile %s %ld to %s %ld, %ld", from->name, offset, to->name, (long)target, length);
    must(lseek(to->fd, target, SEEK_SET) == target, "lseek");
    while (at < offset + length) must(sendfile(to->fd, from->fd, &at, offset + length - at) > 0, "sendfile");
    written(to, from->content + offset, target, length);
}

static void clone_step(struct file *from, struct file *to) {
    long source = BLOCK * draw(LONGEST / BLOCK), target = BLOCK * draw(LONGEST / BLOCK), length = BLOCK * (1 + draw(60));
    if (draw(4) == 0) source = target = length = 0; /* all of it */
    if (from == to || source >= from->size) return;
    long end = length && source + length < from->size ? source + length : from->size, cloned = end - source;
    if (target + cloned > LONGEST || (end % BLOCK && target + cloned < to->size)) return;
    struct clone request = {from->ino, source, length && end < from->size ? length : 0, target};
    note("clone %s %ld to %s %ld, %ld", from->name, source, to->name, target, cloned);
    if (ioctl(to->fd, CLONE_RANGE, &request) != 0) {
        if (errno == ENOTTY || errno == EOPNOTSUPP) return;
        fail("clone");
    }
    written(to, from->content + source, target, cloned);
}

static void dedupe_step(struct file *from, struct file *to) {
    long source = BLOCK * draw(LONGEST / BLOCK), length = BLOCK * (1 + draw(8));
    long target = draw(2) ? source : BLOCK * (long)draw(LONGEST / BLOCK);
    if (draw(8) == 0) source = target = 0, length = from->size;
    if (from == to || !length || source + length > from->size || target + length > to->size) return;
    struct dedupe request = {.source_offset = source, .length = length, .count = 1, .target = to->ino, .target_offset = target};
    note("dedupe %s %ld with %s %ld, %ld", from->name, source, to->name, target, length);
    if (ioctl(from->fd, DEDUPE_RANGE, &request) != 0) {
        if (errno == ENOTTY || errno == EOPNOTSUPP) return;
        fail("dedupe");
    }
    if (request.status < 0) fail("dedupe says %s", strerror(-request.status));
    int same = memcmp(from->content + source, to->content + target, length) == 0;
    if (request.status == 0 && !same && request.bytes == (uint64_t)length) fail("dedupe says that they are the same");
}

static void seek_step(struct file *f) {
    for (long at = 0; at < f->size;) {
        long data = lseek(f->fd, at, SEEK_DATA);
        if (data < 0) must(errno == ENXIO, "SEEK_DATA");
        long end = data < 0 ? f->size : data;
        for (long i = at; i < end; i++)
            if (f->content[i]) fail("%s at %ld is data, and not found as such", f->name, i);
        if (data < 0) return;
        at = lseek(f->fd, data, SEEK_HOLE);
        must(at > data && at <= f->size, "SEEK_HOLE");
    }
}

static void sync_step(struct file *f) {
    static const char *how[] = {"fsync", "fdatasync", "drop", "reopen", "replace", "link"};
    int which = draw(6);
    note("%s %s", how[which], f->name);
    char other[48];
    snprintf(other, sizeof other, "%s.other", f->name);
    if (which == 0) must(fsync(f->fd) == 0, "fsync");
    if (which == 1) must(fdatasync(f->fd) == 0, "fdatasync");
    if (which == 2) must(posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED) == 0 && madvise(f->map, LONGEST, MADV_DONTNEED) == 0, "drop");
    if (which == 3) {
        close_file(f);
        open_file(f, 0);
    }
    if (which == 4) { /* as an editor saves */
        int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        must(fd >= 0 && write(fd, f->content, f->size) == f->size && fsync(fd) == 0 && close(fd) == 0, "write anew");
        must(rename(other, f->name) == 0, "rename");
        close_file(f);
        open_file(f, 0);
    }
    if (which == 5) must(link(f->name, other) == 0 && unlink(f->name) == 0 && rename(other, f->name) == 0, "link");
}

static void step(void) {
    struct file *f = &files[draw(FILES)], *g = &files[draw(FILES)];
    switch (draw(20)) {
    case 0: case 1: write_step(f, 0); break;
    case 2: write_step(f, 1); break;
    case 3: read_step(f, 0); break;
    case 4: read_step(f, 1); break;
    case 5: case 6: map_step(f, 1); break;
    case 7: map_step(f, 0); break;
    case 8: truncate_step(f); break;
    case 9: case 10: allocate_step(f); break;
    case 11: case 12: copy_step(f, g); break;
    case 13: sendfile_step(f, g); break;
    case 14: case 15: clone_step(f, g); break;
    case 16: case 17: dedupe_step(f, g); break;
    case 18: seek_step(f); break;
    default: sync_step(f); if (!draw(3)) append_step(f);
    }
}

static void compare_all(void) {
    for (int i = 0; i < FILES; i++) {
        struct file *f = &files[i];
        struct stat status;
        must(fstat(f->fd, &status) == 0, "fstat");
        if (status.st_size != f->size) fail("%s has %ld bytes, not %ld", f->name, (long)status.st_size, f->size);
        read_and_compare(f, f->fd, 0, LONGEST, "read");
        read_and_compare(f, f->direct, 0, LONGEST, "direct read");
        compare(f, f->map, 0, f->size, "map");
    }
}

static void leave_manifest(void) {
    for (int i = 0; i < FILES; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.manifest", files[i].name);
        FILE *manifest = fopen(name, "w");
        must(manifest && fwrite(files[i].content, 1, files[i].size, manifest) == (size_t)files[i].size, "manifest");
        /* Stored through the map only now: fsync must take it along. */
        if (files[i].size) files[i].map[0] = files[i].map[0];
        must(fflush(manifest) == 0 && fsync(fileno(manifest)) == 0 && fclose(manifest) == 0 && fsync(files[i].fd) == 0, "fsync");
    }
    int directory = open(".", O_RDONLY);
    must(directory >= 0 && fsync(directory) == 0 && close(directory) == 0, "fsync of the directory");
}

static long own(const char *directory, int owner, long seconds, uint64_t seed) {
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s/owner%d", directory, owner);
    mkdir(name, 0755);
    must(chdir(name) == 0, name);
    state = 4711; /* the same for all: their files have much in common */
    for (int i = 2; i < CONTENTS; i++)
        for (int j = 0; j < BLOCK; j++) contents[i][j] = draw(256);
    memset(contents[1], 1, BLOCK);
    state = seed * 1000 + owner;
    must(posix_memalign((void **)&scratch, BLOCK, LONGEST + BLOCK) == 0, "memory");
    for (int i = 0; i < FILES; i++) {
        struct file *f = &files[i];
        snprintf(f->name, sizeof f->name, "file%d", i);
        f->content = calloc(1, LONGEST + BLOCK);
        unlink(f->name);
        open_file(f, O_CREAT);
    }
    time_t end = time(NULL) + seconds;
    while (time(NULL) < end) {
        for (int i = 0; i < 50; i++) step();
        if (!draw(20)) compare_all();
    }
    compare_all();
    leave_manifest();
    return steps;
}

static void verify(const char *directory) {
    long compared = 0;
    for (int owner = 0; owner < OWNERS; owner++)
        for (int i = 0; i < FILES; i++) {
            char name[2][PATH_MAX];
            snprintf(name[0], PATH_MAX, "%s/owner%d/file%d", directory, owner, i);
            snprintf(name[1], PATH_MAX, "%s/owner%d/file%d.manifest", directory, owner, i);
            unsigned char *bytes[2];
            long length[2];
            for (int j = 0; j < 2; j++) {
                int fd = open(name[j], O_RDONLY);
                must(fd >= 0, name[j]);
                bytes[j] = malloc(LONGEST + 1);
                length[j] = read(fd, bytes[j], LONGEST + 1);
                close(fd);
            }
            if (length[0] != length[1] || memcmp(bytes[0], bytes[1], length[0])) fail("%s is not what it was", name[0]);
            compared++;
            free(bytes[0]);
            free(bytes[1]);
        }
    printf("%ld files are what they were\n", compared);
}

/* Few names of few directories, so that processes meet. */
static void pick_name(char *name) {
    if (draw(3)) sprintf(name, "d%d/n%d", (int)draw(4), (int)draw(6));
    else if (draw(2)) sprintf(name, "d%d/s%d/n%d", (int)draw(4), (int)draw(2), (int)draw(6));
    else sprintf(name, "d%d/s%d", (int)draw(4), (int)draw(2));
}

static long storm(const char *directory, int process, long seconds, uint64_t seed) {
    must(chdir(directory) == 0, directory);
    state = seed * 1000 + process;
    time_t end = time(NULL) + seconds;
    while (time(NULL) < end) {
        char a[64], b[64];
        struct stat status;
        pick_name(a);
        pick_name(b);
        int which = draw(20), result, fd;
        errno = 0;
        switch (which) {
        case 0: case 1: case 2:
            result = fd = open(a, O_CREAT | O_RDWR | (draw(2) ? O_EXCL : O_TRUNC), 0666);
            if (fd >= 0) {
                if (draw(2)) result = pwrite(fd, a, strlen(a), draw(100000));
                if (draw(8) == 0) result = fsync(fd);
                close(fd);
            }
            break;
        case 3: case 4: result = unlink(a); break;
        case 5: case 6: result = rename(a, b); break;
        case 7: result = renameat2(AT_FDCWD, a, AT_FDCWD, b, 1 << draw(3)); break;
        case 8: case 9: result = link(a, b); break;
        case 10: result = symlink("n1", a); break;
        case 11: case 12: result = mkdir(a, 0777); break;
        case 13: result = rmdir(a); break;
        case 14: result = draw(2) ? setxattr(a, "user.a", b, draw(60), 0) : removexattr(a, "user.a"); break;
        case 15: result = draw(2) ? chmod(a, 0700 | draw(0100)) : truncate(a, draw(20000)); break;
        case 16:
            result = fd = open(a, O_TMPFILE | O_RDWR, 0644);
            if (fd >= 0) {
                char path[40];
                snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
                result = linkat(AT_FDCWD, path, AT_FDCWD, b, AT_SYMLINK_FOLLOW);
                close(fd);
            }
            break;
        case 17: result = mkfifo(a, 0644); break;
        case 18:
            result = fd = open(a, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
            if (fd >= 0) {
                DIR *listed = fdopendir(fd);
                while (readdir(listed)) {}
                if (draw(4) == 0) fsync(fd);
                closedir(listed);
            }
            break;
        default: result = lstat(a, &status);
        }
        steps++;
        if (result < 0)
            switch (errno) {
            case ENOENT: case EEXIST: case ENOTDIR: case EISDIR: case ENOTEMPTY: case ELOOP: case ENODATA: case EINVAL:
            case EPERM: case ENXIO: case EXDEV: case EMLINK: case EBUSY: case EACCES: case EOPNOTSUPP: case ESPIPE: break;
            default: fail("operation %d on %s and %s", which, a, b);
            }
    }
    return steps;
}

struct seen { ino_t ino; nlink_t links, names; };
static struct seen all[100000];
static int seen_count;

static void walk(const char *path) {
    DIR *directory = opendir(path);
    struct stat status, self;
    must(directory != NULL, path);
    must(lstat(path, &self) == 0, path);
    nlink_t directories = 2;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        char name[PATH_MAX];
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (lstat(name, &status) != 0) fail("%s is listed and not there", name);
        if (entry->d_ino != status.st_ino || entry->d_type != IFTODT(status.st_mode)) fail("%s is listed as another", name);
        if (S_ISDIR(status.st_mode)) {
            directories++;
            walk(name);
            continue;
        }
        int i = 0;
        while (i < seen_count && all[i].ino != status.st_ino) i++;
        if (i == seen_count) all[seen_count++] = (struct seen){status.st_ino, status.st_nlink, 0};
        all[i].names++;
    }
    closedir(directory);
    if (self.st_nlink != directories) fail("%s has %ld links, not %ld", path, (long)self.st_nlink, (long)directories);
}

int main(int count, char **arguments) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count == 3 && !strcmp(arguments[1], "verify")) {
        verify(arguments[2]);
        return 0;
    }
    if (count != 5 || (strcmp(arguments[1], "content") && strcmp(arguments[1], "tree"))) {
        fprintf(stderr, "usage: exercise content|tree DIRECTORY SECONDS SEED | verify DIRECTORY\n");
        return 2;
    }
    int tree = !strcmp(arguments[1], "tree"), failed = 0;
    const char *directory = arguments[2];
    long seconds = atol(arguments[3]);
    uint64_t seed = strtoull(arguments[4], NULL, 10);
    if (tree)
        for (int i = 0; i < 4; i++) {
            char name[PATH_MAX];
            snprintf(name, sizeof name, "%s/d%d", directory, i);
            mkdir(name, 0777);
        }
    for (int i = 0; i < OWNERS; i++)
        if (fork() == 0) {
            long made = tree ? storm(directory, i, seconds, seed) : own(directory, i, seconds, seed);
            printf("process %d: %ld steps\n", i, made);
            _exit(0);
        }
    for (int status; wait(&status) > 0;) failed |= status != 0;
    if (tree && !failed) {
        walk(directory);
        for (int i = 0; i < seen_count; i++)
            if (all[i].links != all[i].names)
                fail("inode %ld has %ld links and %ld names", (long)all[i].ino, (long)all[i].links, (long)all[i].names);
    }
    printf(failed ? "failed; seed %s\n" : "all as it must be; seed %s\n", arguments[4]);
    return failed;
}
