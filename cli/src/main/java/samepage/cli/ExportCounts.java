package samepage.cli;

/** What an export has done so far. One thread counts. */
final class ExportCounts {
    long files;
    long directories;
    long symbolicLinks;
    long specialFiles;
    long hardLinks;
    long logicalBytes;
}
