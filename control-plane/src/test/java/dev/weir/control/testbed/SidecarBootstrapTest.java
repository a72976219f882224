package dev.weir.control.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.xds.delivery.SidecarProfile;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class SidecarBootstrapTest {
    private static JsonNode tree(SidecarBootstrap bootstrap) throws IOException {
        return new JsonMapper().readTree(bootstrap.text());
    }

    @Test
    void the_files_profile_is_the_default_one() throws IOException {
        JsonNode weir = tree(SidecarBootstrap.consumer()).at("/node/metadata/weir");

        assertThat(new SidecarProfile.Consumer(
                        weir.at("/listen_address").asText(),
                        weir.at("/listen_port").asInt(),
                        weir.at("/access_log").asText()))
                .isEqualTo(SidecarProfile.Consumer.DEFAULT);
    }

    @Test
    void only_what_is_said_changes_and_in_a_copy() throws IOException {
        SidecarBootstrap file = SidecarBootstrap.consumer();
        String before = file.text();
        JsonNode changed = tree(
                file.withControlPlane("10.1.2.3", 7).withAdmin("127.0.0.9", 8).withNode("n"));

        assertThat(file.text()).isEqualTo(before);
        assertThat(changed.findValuesAsText("port_value")).containsExactly("8", "7", "7", "7");
        assertThat(changed.at("/admin/address/socket_address/address").asText()).isEqualTo("127.0.0.9");
        assertThat(changed.at("/static_resources").toString())
                .contains("10.1.2.3")
                .doesNotContain("127.0.0.1");
        assertThat(changed.at("/node/id").asText()).isEqualTo("n");
        JsonNode dynamic = tree(file).at("/dynamic_resources");
        assertThat(dynamic.isObject()).isTrue();
        assertThat(changed.at("/dynamic_resources")).isEqualTo(dynamic);
    }
}
