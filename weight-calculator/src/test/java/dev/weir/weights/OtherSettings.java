package dev.weir.weights;

/** {@link Settings#DEFAULTS}, but for one of them. */
final class OtherSettings {
    private OtherSettings() {}

    static Settings policy(Settings.Policy policy) {
        Settings usual = Settings.DEFAULTS;
        return new Settings(
                usual.tickSeconds(),
                policy,
                usual.gateShare(),
                usual.targetUtilisation(),
                usual.priceTimeConstantSeconds(),
                usual.priceIntervalSeconds());
    }

    static Settings costSeconds(double costSeconds) {
        Settings usual = Settings.DEFAULTS;
        return new Settings(
                usual.tickSeconds(),
                usual.policy(),
                usual.gateShare(),
                usual.targetUtilisation(),
                usual.priceTimeConstantSeconds(),
                usual.priceIntervalSeconds(),
                costSeconds);
    }
}
