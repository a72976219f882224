package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.core.v3.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeIdentityReaderTest {
    private static Node node(String metadata) throws Exception {
        Struct.Builder struct = Struct.newBuilder();
        JsonFormat.parser().merge(metadata, struct);
        return Node.newBuilder().setId("sidecar-1").setMetadata(struct).build();
    }

    private static NodeIdentity read(String weir) throws Exception {
        return NodeIdentityReader.read(node("{\"weir\":" + weir + "}"));
    }

    @Test
    void what_is_not_said_is_the_default() throws Exception {
        assertThat(NodeIdentityReader.read(node("{}")))
                .isEqualTo(new NodeIdentity.Accepted(
                        "sidecar-1", new SidecarProfile.Consumer("127.0.0.1", 10000, "weir-access.log")));
        assertThat(read("{\"listen_port\":10001}"))
                .isEqualTo(new NodeIdentity.Accepted(
                        "sidecar-1", new SidecarProfile.Consumer("127.0.0.1", 10001, "weir-access.log")));
        assertThat(read("{\"listen_address\":\"::\",\"access_log\":\"/var/log/a b.json\"}"))
                .isEqualTo(new NodeIdentity.Accepted(
                        "sidecar-1", new SidecarProfile.Consumer("::", 10000, "/var/log/a b.json")));
    }

    @Test
    void a_provider_side_names_its_providers() throws Exception {
        assertThat(read("{\"role\":\"provider\",\"providers\":[\"p2\",\"p1\"],\"listen_address\":\"0.0.0.0\"}"))
                .isEqualTo(new NodeIdentity.Accepted(
                        "sidecar-1", new SidecarProfile.Provider("0.0.0.0", 10001, java.util.List.of("p1", "p2"))));
    }

    @Test
    void either_role_says_where_its_systems_authorities_are() throws Exception {
        assertThat(read("{\"authorities\":\"/opt/a b.pem\"}"))
                .isEqualTo(new NodeIdentity.Accepted(
                        "sidecar-1", SidecarProfile.Consumer.DEFAULT.withAuthorities("/opt/a b.pem")));
        assertThat(read("{\"role\":\"provider\",\"providers\":[\"p1\"],\"authorities\":\"/opt/a\"}"))
                .isEqualTo(new NodeIdentity.Accepted(
                        "sidecar-1",
                        new SidecarProfile.Provider("127.0.0.1", 10001, java.util.List.of("p1"))
                                .withAuthorities("/opt/a")));
    }

    @Test
    void either_role_says_where_its_certificates_are() throws Exception {
        assertThat(read("{\"certificates\":\"/run/weir certs\"}"))
                .isEqualTo(new NodeIdentity.Accepted(
                        "sidecar-1", SidecarProfile.Consumer.DEFAULT.withCertificates("/run/weir certs")));
        assertThat(read("{\"role\":\"provider\",\"providers\":[\"p1\"],\"certificates\":\"c\"}"))
                .isEqualTo(new NodeIdentity.Accepted(
                        "sidecar-1",
                        new SidecarProfile.Provider("127.0.0.1", 10001, java.util.List.of("p1"))
                                .withCertificates("c")));
        assertThat(read("{\"certificates\":\"a\\nb\"}")).isInstanceOf(NodeIdentity.Refused.class);
    }

    @Test
    void who_does_not_say_is_tried_with_one_usual_place_after_the_other() {
        UsualAuthorities places = new UsualAuthorities();
        NodeIdentity.Accepted silent = new NodeIdentity.Accepted("n", SidecarProfile.Consumer.DEFAULT);
        for (String place : SidecarProfile.USUAL_AUTHORITIES) {
            assertThat(places.place(silent).authorities()).isEqualTo(place);
            boolean last = place.equals(SidecarProfile.USUAL_AUTHORITIES.get(3));
            assertThat(places.next("n", place)).isEqualTo(!last);
        }
        // a new process may run elsewhere
        assertThat(places.place(silent).authorities()).isEqualTo(SidecarProfile.USUAL_AUTHORITIES.get(0));
        NodeIdentity.Accepted said =
                new NodeIdentity.Accepted("n", SidecarProfile.Consumer.DEFAULT.withAuthorities("/opt/ca"));
        assertThat(places.place(said).authorities()).isEqualTo("/opt/ca");
        assertThat(places.next("n", "/opt/ca")).isFalse();
    }

    @Test
    void a_provider_side_of_too_many_is_refused() throws Exception {
        String names = java.util.stream.IntStream.range(0, 1001)
                .mapToObj(i -> "\"p" + i + "\"")
                .collect(java.util.stream.Collectors.joining(","));
        assertThat(read("{\"role\":\"provider\",\"providers\":[" + names + "]}"))
                .isInstanceOf(NodeIdentity.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "255.255.255.255",
                "10.0.0.1",
                "::1",
                "::",
                "2001:db8::8a2e:370:7334",
                "::ffff:1.2.3.4"
            })
    void an_ip_address_is_one(String address) throws Exception {
        assertThat(read("{\"listen_address\":\"" + address + "\"}")).isInstanceOf(NodeIdentity.Accepted.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'[]'; weir: \"LIST_VALUE\"",
                "'\"a\"'; weir: \"STRING_VALUE\"",
                "'{\"listen_adress\":\"::1\"}'; weir: \"listen_adress\"",
                "'{\"role\":\"gateway\"}'; role: \"gateway\"",
                "'{\"role\":7}'; role",
                "'{\"providers\":[\"p1\"]}'; weir: \"providers\"",
                "'{\"role\":\"provider\"}'; providers: \"0 entries\"",
                "'{\"role\":\"provider\",\"providers\":[]}'; providers",
                "'{\"role\":\"provider\",\"providers\":\"p1\"}'; providers",
                "'{\"role\":\"provider\",\"providers\":[\"P1\"]}'; providers: \"P1\"",
                "'{\"role\":\"provider\",\"providers\":[\"p1\",\"p1\"]}'; providers: \"p1\"",
                "'{\"role\":\"provider\",\"providers\":[1]}'; providers",
                "'{\"role\":\"provider\",\"providers\":[\"p\"],\"access_log\":\"a\"}'; weir: \"access_log\"",
                "'{\"listen_address\":\"localhost\"}'; listen_address: \"localhost\"",
                "'{\"listen_address\":\"example.com\"}'; listen_address",
                "'{\"listen_address\":\"1.2.3\"}'; listen_address",
                "'{\"listen_address\":\"1.2.3.4.\"}'; listen_address",
                "'{\"listen_address\":\"1.2.3.256\"}'; listen_address",
                "'{\"listen_address\":\"01.2.3.4\"}'; listen_address",
                "'{\"listen_address\":\"fe80::1%lo\"}'; listen_address",
                "'{\"listen_address\":\":::\"}'; listen_address",
                "'{\"listen_address\":\"ab\"}'; listen_address",
                "'{\"listen_address\":17}'; listen_address",
                "'{\"authorities\":\"ca.pem\"}'; authorities: \"ca.pem\"",
                "'{\"authorities\":\"\"}'; authorities",
                "'{\"authorities\":7}'; authorities",
                "'{\"listen_address\":\"\"}'; listen_address",
                "'{\"listen_port\":0}'; listen_port: \"0.0\"",
                "'{\"listen_port\":65536}'; listen_port",
                "'{\"listen_port\":1.5}'; listen_port",
                "'{\"listen_port\":\"NaN\"}'; listen_port",
                "'{\"listen_port\":\"10000\"}'; listen_port",
                "'{\"access_log\":\"\"}'; access_log",
                "'{\"access_log\":\"a\\u0000b\"}'; access_log: \"a?b\"",
                "'{\"access_log\":null}'; access_log"
            })
    void anything_else_is_refused_and_named(String weir, String named) throws Exception {
        assertThat(read(weir))
                .isInstanceOfSatisfying(
                        NodeIdentity.Refused.class,
                        refused -> assertThat(refused.message())
                                .startsWith("node.metadata.weir")
                                .contains(named)
                                .contains("(expected: "));
    }

    @Test
    void a_path_has_an_end() throws Exception {
        assertThat(read("{\"access_log\":\"" + "a".repeat(1_024) + "\"}")).isInstanceOf(NodeIdentity.Accepted.class);
        assertThat(read("{\"access_log\":\"" + "a".repeat(1_025) + "\"}")).isInstanceOf(NodeIdentity.Refused.class);
    }

    @Test
    void no_number_is_no_port() {
        Struct weir = Struct.newBuilder()
                .putFields(
                        "listen_port",
                        Value.newBuilder().setNumberValue(Double.NaN).build())
                .build();
        Node node = Node.newBuilder()
                .setId("a")
                .setMetadata(Struct.newBuilder()
                        .putFields(
                                "weir", Value.newBuilder().setStructValue(weir).build()))
                .build();
        assertThat(NodeIdentityReader.read(node)).isInstanceOf(NodeIdentity.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\nb", "\u00e9"})
    void a_node_id_is_printable(String id) {
        assertThat(NodeIdentityReader.read(Node.newBuilder().setId(id).build()))
                .isInstanceOf(NodeIdentity.Refused.class);
        assertThat(NodeIdentityReader.read(
                        Node.newBuilder().setId("x".repeat(257)).build()))
                .isInstanceOf(NodeIdentity.Refused.class);
    }
}
