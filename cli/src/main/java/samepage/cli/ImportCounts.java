package samepage.cli;

/** What an import has done so far. One thread counts. */
final class ImportCounts {
    long files;
    long unchangedFiles;
    long directories;
    long symbolicLinks;
    long specialFiles;
    long hardLinks;
    long logicalBytes;
    long copiedBytes;
}
