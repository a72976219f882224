package dev.weir.control.cli;

import dev.weir.control.up.FirstProvider;
import dev.weir.control.up.UpRefusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Asks a person for a first configuration, each question until its answer will do. */
final class InitQuestions {
    private final BufferedReader answers;
    private final PrintWriter out;

    InitQuestions(BufferedReader answers, PrintWriter out) {
        this.answers = answers;
        this.out = out;
    }

    /** At least one. */
    List<FirstProvider> providers() throws IOException, UpRefusal {
        List<FirstProvider> providers = new ArrayList<>();
        out.println("Which providers serve your agents? Anything that an OpenAI client can call.");
        while (true) {
            boolean first = providers.isEmpty();
            String name = ask(
                    first ? "  its name, for instance openai: " : "  another one's name (nothing = no more): ",
                    answer -> {
                        if (!answer.isEmpty() || first) {
                            String checked = FirstProvider.checkedName(answer);
                            if (providers.stream().anyMatch(p -> p.name().equals(checked))) {
                                throw new UpRefusal("\"" + checked + "\" (expected: each name once)");
                            }
                        }
                        return answer;
                    });
            if (name.isEmpty()) {
                return providers;
            }
            FirstProvider keyless =
                    ask("  its base URL, for instance https://api.openai.com/v1: ", url -> FirstProvider.of(name, url));
            providers.add(ask(
                    "  the environment variable that holds its key (nothing = it wants none): ",
                    variable -> variable.isEmpty() ? keyless : keyless.withKey(variable)));
        }
    }

    String model() throws IOException, UpRefusal {
        return ask("Which model do agents ask for? ", FirstProvider::checkedModel);
    }

    private interface Reading<T> {
        T of(String answer) throws UpRefusal;
    }

    private <T> T ask(String question, Reading<T> reading) throws IOException, UpRefusal {
        while (true) {
            out.print(question);
            out.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new UpRefusal("the answers end here (expected: one to \"" + question.strip() + "\")");
            }
            try {
                return reading.of(answer.strip());
            } catch (UpRefusal e) {
                out.println("  " + e.getMessage());
            }
        }
    }
}
