package samepage.verification.planted.block;

public final class Device {
    private Device() {}
}
