package dev.weir.control.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class CertificateTextTest {
    private static final String ONE = Pems.text("one");
    private static final String TWO = Pems.text("two");

    @Test
    void one_or_many_with_names_between_them_are_right() {
        assertThat(CertificateText.problem(ONE)).isEmpty();
        assertThat(CertificateText.problem(
                        "# Some Authority\n" + ONE + "\n\n# Another\r\n" + TWO.replace("\n", "\r\n")))
                .isEmpty();
    }

    @Test
    void what_envoy_would_refuse_is_refused_and_numbered() {
        assertThat(CertificateText.problem("")).contains("there is none in this one");
        assertThat(CertificateText.problem("hello")).contains("there is none in this one");
        assertThat(CertificateText.problem(ONE + garbage())).contains("certificate 2 cannot be read");
        assertThat(CertificateText.problem(garbage() + ONE)).contains("certificate 1 cannot be read");
        assertThat(CertificateText.problem(ONE.substring(0, ONE.length() / 2)))
                .contains("block 1 is no certificate from BEGIN to END");
        assertThat(CertificateText.problem(ONE + ONE.replace("CERTIFICATE", "PUBLIC KEY")))
                .contains("block 2 is no certificate from BEGIN to END");
        // one byte short, one letter other, one byte more
        String body = ONE.substring(ONE.indexOf('\n') + 1, ONE.indexOf("\n-----END"));
        assertThat(CertificateText.problem(ONE.replace(body, body.substring(4))))
                .isNotEmpty();
        assertThat(CertificateText.problem(ONE.replace(body, "!" + body.substring(1))))
                .isNotEmpty();
        assertThat(CertificateText.problem(ONE.replace(body, "MIIB"))).isNotEmpty();
    }

    @Test
    void a_private_key_is_refused_wherever_it_stands_and_not_repeated() {
        String key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        assertThat(CertificateText.problem(ONE + key)).contains("this one holds a private key");
        assertThat(CertificateText.problem(key)).contains("this one holds a private key");
        assertThat(CertificateText.problem("-----BEGIN EC PRIVATE KEY-----")).contains("this one holds a private key");
    }

    @Test
    void what_is_out_of_date_is_right_but_said() {
        String ended = Pems.text("ended");
        assertThat(CertificateText.problem(ended)).isEmpty();
        assertThat(CertificateText.outOfDate(ONE + ended, Instant.parse("2026-12-01T00:00:00Z")))
                .containsExactly("certificate 2 ended on 2021-01-01T00:00:00Z");
        assertThat(CertificateText.outOfDate(ended, Instant.parse("2019-12-01T00:00:00Z")))
                .containsExactly("certificate 1 begins on 2020-01-01T00:00:00Z");
    }

    private static String garbage() {
        return "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n";
    }
}
