package dev.weir.xds.wire;

/** Envoy's name for one provider in one pool: {@code pool|provider}. Neither name can hold the bar. */
public final class ClusterName {
    public static final char BAR = '|';

    private ClusterName() {}

    public static String of(String pool, String provider) {
        return pool + BAR + provider;
    }

    /** At a provider's side: first attempts. No pool can be named so, as no name of ours has an underscore. */
    public static String firstAttempts(String provider) {
        return of("first_attempts", provider);
    }

    /** At a provider's side: attempts that were refused or failed elsewhere. The same endpoint. */
    public static String furtherAttempts(String provider) {
        return of("further_attempts", provider);
    }
}
