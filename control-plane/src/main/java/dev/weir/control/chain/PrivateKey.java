package dev.weir.control.chain;

import dev.weir.control.model.Signer;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.web3j.crypto.Bip32ECKeyPair;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.MnemonicUtils;
import org.web3j.crypto.Sign;
import org.web3j.crypto.Sign.SignatureData;

/** A private key in memory. Never printed: neither by {@link #toString} nor by an error. */
public final class PrivateKey implements Signer {
    private static final Pattern HEX = Pattern.compile("(0x)?[0-9a-fA-F]{64}");
    private static final int MAX_FILE_BYTES = 1024;
    private static final int DIGEST_BYTES = 32;
    private static final int SIGNATURE_BYTES = 65;
    /** The phrase that development chains make their accounts from; known to everybody. */
    private static final String DEV_PHRASE = "test test test test test test test test test test test junk";

    private final Credentials credentials;

    private PrivateKey(ECKeyPair pair) {
        this.credentials = Credentials.create(pair);
    }

    /**
     * @param text 64 hex digits, with or without 0x; white space around it is ignored
     * @throws IllegalArgumentException when it is no private key; does not repeat it
     */
    public static PrivateKey parse(String text) {
        String hex = text.strip();
        if (HEX.matcher(hex).matches()) {
            BigInteger secret = new BigInteger(hex.startsWith("0x") ? hex.substring(2) : hex, 16);
            if (secret.signum() > 0 && secret.compareTo(Sign.CURVE_PARAMS.getN()) < 0) {
                return new PrivateKey(ECKeyPair.create(secret));
            }
        }
        throw new IllegalArgumentException("key: *** (expected: a private key of 64 hex digits)");
    }

    /** The key in a file that holds nothing else. */
    public static PrivateKey fromFile(Path file) throws IOException {
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new IllegalArgumentException("key file: \"" + file + "\" (expected: 64 hex digits and nothing else)");
        }
        return parse(Files.readString(file));
    }

    /** An account of every development chain, for instance anvil's; {@code index} from 0. Its key is public knowledge. */
    public static PrivateKey devAccount(int index) {
        if (index < 0 || index > 99) {
            throw new IllegalArgumentException("development account: " + index + " (expected: 0 - 99)");
        }
        Bip32ECKeyPair master = Bip32ECKeyPair.generateKeyPair(MnemonicUtils.generateSeed(DEV_PHRASE, ""));
        int hardened = Bip32ECKeyPair.HARDENED_BIT;
        int[] path = {44 | hardened, 60 | hardened, hardened, 0, index};
        return new PrivateKey(Bip32ECKeyPair.deriveKeyPair(master, path));
    }

    @Override
    public String address() {
        return credentials.getAddress();
    }

    @Override
    public byte[] sign(byte[] digest) {
        if (digest.length != DIGEST_BYTES) {
            throw new IllegalArgumentException("digest: " + digest.length + " bytes (expected: " + DIGEST_BYTES + ")");
        }
        SignatureData signature = Sign.signMessage(digest, credentials.getEcKeyPair(), false);
        return ByteBuffer.allocate(SIGNATURE_BYTES)
                .put(signature.getR())
                .put(signature.getS())
                .put(signature.getV())
                .array();
    }

    @Override
    public String toString() {
        return "Key[" + address() + "]";
    }
}
