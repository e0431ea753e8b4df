package samepage.verification.planted.remap;

public final class Clone {
    private Clone() {}
}
