package dev.weir.xds.delivery;

/** What became of the first message of a stream, in which a sidecar says who it is. */
sealed interface NodeIdentity {
    /**
     * @param node node id
     * @param profile what its metadata says, with the defaults filled in
     */
    record Accepted(String node, SidecarProfile profile) implements NodeIdentity {}

    /** @param message field, value and what was expected */
    record Refused(String message) implements NodeIdentity {}

    /** The sidecar is not what it says, or may not have what it asks for; {@code message} likewise. */
    record Denied(String message) implements NodeIdentity {}
}
