package dev.weir.control.testbed.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChatRequestTest {
    private static final String MESSAGES = "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    @Test
    void reads_what_a_provider_needs() throws ChatRequest.Refused {
        ChatRequest request = parse("{" + MESSAGES
                + ",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"metadata\":{\"job\":\"0.73\"}"
                + ",\"max_completion_tokens\":5}");
        assertThat(request.model()).isEqualTo("m");
        assertThat(request.stream()).isTrue();
        assertThat(request.includeUsage()).isTrue();
        assertThat(request.job()).contains(0.73);
        assertThat(request.completionLimit()).isEqualTo(5);
        assertThat(request.tool()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{                                                    | body:",
                "[]                                                   | body: not an object",
                "{'model':'m'}                                        | messages: missing",
                "{'model':'m','messages':[]}                          | messages: []",
                "{'messages':[{}]}                                    | model: missing",
                "{'model':7,'messages':[{}]}                          | model: 7",
                "{'model':'m','messages':[{}],'stream':'yes'}         | stream: \"yes\"",
                "{'model':'m','messages':[{}],'max_tokens':0}         | max_tokens: 0",
                "{'model':'m','messages':[{}],'metadata':{'job':'x'}} | metadata.job: \"x\"",
                "{'model':'m','messages':[{}],'metadata':{'job':-1}}  | metadata.job: -1",
                "{'model':'m','messages':[{}],'metadata':{'job':1e9}} | metadata.job: 1.0E9",
            })
    void refuses_with_path_value_and_expectation(String body, String message) {
        assertThatThrownBy(() -> parse(body.replace('\'', '"')))
                .isInstanceOf(ChatRequest.Refused.class)
                .hasMessageStartingWith(message)
                .hasMessageContaining("(expected: ");
    }

    @Test
    void calls_the_function_that_is_named_with_a_value_of_the_right_type_for_each_required_parameter()
            throws ChatRequest.Refused {
        ChatRequest request = parse("{" + MESSAGES + ",\"tools\":["
                + "{\"type\":\"function\",\"function\":{\"name\":\"other\"}},"
                + "{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\","
                + "\"required\":[\"city\",\"days\",\"unit\"],\"properties\":{\"city\":{\"type\":\"string\"},"
                + "\"days\":{\"type\":\"integer\"},\"unit\":{\"enum\":[\"C\",\"F\"]},\"spare\":{\"type\":\"string\"}}}}}],"
                + "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}}");
        assertThat(request.tool()).contains(new ToolCall("weather", "{\"city\":\"Paris\",\"days\":1,\"unit\":\"C\"}"));
    }

    @Test
    void answers_in_words_when_tools_are_off_or_a_tool_has_answered() throws ChatRequest.Refused {
        String tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}]";
        assertThat(parse("{" + MESSAGES + "," + tools + "}").tool()).isPresent();
        assertThat(parse("{" + MESSAGES + "," + tools + ",\"tool_choice\":\"none\"}")
                        .tool())
                .isEmpty();
        assertThat(parse("{\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"content\":\"20\"}]," + tools + "}")
                        .tool())
                .isEmpty();
    }

    private static ChatRequest parse(String body) throws ChatRequest.Refused {
        return ChatRequest.parse(body.getBytes(StandardCharsets.UTF_8));
    }
}
