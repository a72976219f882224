package dev.weir.control.model;

/** Envoy's name for one provider in one pool: {@code pool|provider}. Neither name can hold the bar. */
public final class ClusterName {
    private ClusterName() {}

    public static String of(String pool, String provider) {
        return pool + "|" + provider;
    }
}
