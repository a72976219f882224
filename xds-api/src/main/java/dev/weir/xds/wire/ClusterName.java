package dev.weir.xds.wire;

/** Envoy's name for one provider in one pool: {@code pool|provider}. Neither name can hold the bar. */
public final class ClusterName {
    public static final char BAR = '|';

    private ClusterName() {}

    public static String of(String pool, String provider) {
        return pool + BAR + provider;
    }

    /** The cluster for first attempts at a provider's side. No pool can be named so, as no name of ours has an underscore. */
    public static String firstAttempts(String provider) {
        return of("first_attempts", provider);
    }

    /** The cluster, at a provider's side, for attempts that were refused or failed elsewhere; of the same endpoint. */
    public static String furtherAttempts(String provider) {
        return of("further_attempts", provider);
    }
}
