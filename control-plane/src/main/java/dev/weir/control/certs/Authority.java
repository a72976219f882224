package dev.weir.control.certs;

import dev.weir.xds.peer.Pem;
import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority that issues certificates with keys of their own, P-256. Immutable. */
public final class Authority {
    private static final Duration LIFE = Duration.ofDays(3_650);
    /** How long before now a certificate begins, as clocks of other machines may be behind. */
    private static final Duration BEFORE = Duration.ofMinutes(5);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;

    private Authority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** The names that a certificate bears. */
    public record Names(List<String> uris, List<String> dns, List<String> addresses) {
        public Names {
            uris = List.copyOf(uris);
            dns = List.copyOf(dns);
            addresses = List.copyOf(addresses);
        }

        /** Names of a SPIFFE id and nothing else. */
        public static Names spiffe(String id) {
            return new Names(List.of(id), List.of(), List.of());
        }
    }

    /** A new authority. */
    public static Authority create(String name, Instant now) {
        KeyPair pair = pair();
        X500Principal subject = new X500Principal("CN=" + name);
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                subject, serial(), Date.from(now.minus(BEFORE)), Date.from(now.plus(LIFE)), subject, pair.getPublic());
        try {
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(pair.getPublic()));
            return new Authority(signed(builder, pair.getPrivate()), pair.getPrivate());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * An authority that was made before.
     *
     * @throws IllegalArgumentException when the texts are no certificate and key
     */
    public static Authority of(String certificate, String key) {
        try {
            X509Certificate[] certificates = CertificateUtils.getX509Certificates(bytes(certificate));
            if (certificates.length == 0) {
                throw new IllegalArgumentException("certificate: none in it");
            }
            return new Authority(certificates[0], CertificateUtils.getPrivateKey(bytes(key)));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("certificate or key: cannot be read", e);
        }
    }

    /** A certificate for both ends of TLS, valid from now on, with a key of its own. */
    public Pem issue(Names names, Instant now, Duration life) {
        KeyPair pair = pair();
        String first =
                names.uris().isEmpty() ? names.dns().get(0) : names.uris().get(0);
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                certificate,
                serial(),
                Date.from(now.minus(BEFORE)),
                Date.from(now.plus(life)),
                new X500Principal("CN=" + first.substring(first.lastIndexOf('/') + 1)),
                pair.getPublic());
        try {
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                        KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                    }))
                    .addExtension(
                            Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(certificate))
                    .addExtension(Extension.subjectAlternativeName, false, alternatives(names));
            return new Pem(
                    pem("CERTIFICATE", signed(builder, key).getEncoded()),
                    pem("PRIVATE KEY", pair.getPrivate().getEncoded()),
                    certificate());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its own certificate, PEM. */
    public String certificate() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its private key, PKCS #8 PEM. */
    public String key() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    private static GeneralNames alternatives(Names names) {
        List<GeneralName> all = new ArrayList<>();
        names.uris().forEach(uri -> all.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
        names.dns().forEach(dns -> all.add(new GeneralName(GeneralName.dNSName, dns)));
        names.addresses().forEach(address -> all.add(new GeneralName(GeneralName.iPAddress, address)));
        return new GeneralNames(all.toArray(new GeneralName[0]));
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        } catch (OperatorCreationException e) {
            throw new IllegalArgumentException("key: not of an elliptic curve", e);
        }
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has P-256
        }
    }

    private static BigInteger serial() {
        return new BigInteger(127, RANDOM).add(BigInteger.ONE);
    }

    private static String pem(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
