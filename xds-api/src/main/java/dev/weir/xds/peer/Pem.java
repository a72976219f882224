package dev.weir.xds.peer;

/**
 * The texts that make up one end's identity.
 *
 * @param certificate its certificate and those between it and an authority, PEM
 * @param key its private key, PKCS #8 PEM
 * @param authorities whom it believes, PEM; "" = nobody
 */
public record Pem(String certificate, String key, String authorities) {
    @Override
    public String toString() {
        return "Pem[***]";
    }
}
