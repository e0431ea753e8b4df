/** The finder of duplicates. */
module samepage.dedupe {
    requires transitive samepage.core;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports samepage.dedupe;
}
