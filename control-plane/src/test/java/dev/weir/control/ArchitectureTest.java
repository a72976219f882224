package dev.weir.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The arrows between modules and packages; docs/architecture.md draws them. */
@AnalyzeClasses(
        packages = "dev.weir",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
final class ArchitectureTest {
    /** What other modules' tests share comes as a jar. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String OURS = "dev.weir.";
    private static final Pattern ROW = Pattern.compile("\\| (`[a-z].*?) \\| .* \\| ?(.*?) ?\\|");
    private static final Pattern NAME = Pattern.compile("`([a-z][a-z0-9.]*)`");

    @ArchTest
    static final ArchRule the_core_knows_nothing_but_itself_and_the_language = classes()
            .that()
            .resideInAnyPackage("dev.weir.weights..", "dev.weir.sim..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.weir.weights..", "dev.weir.sim..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule the_core_reads_no_clock = noClasses()
            .that()
            .resideInAPackage("dev.weir.weights..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.net..", "java.nio..", "java.util.concurrent..");

    @ArchTest
    static final ArchRule the_protocol_does_not_know_the_application = noClasses()
            .that()
            .resideInAPackage("dev.weir.xds..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.weir.control..", "dev.weir.weights..", "dev.weir.sim..");

    @ArchTest
    static final ArchRule only_the_chain_package_knows_web3j = noClasses()
            .that()
            .resideInAPackage("dev.weir..")
            .and()
            .resideOutsideOfPackages("dev.weir.control.chain..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.web3j..");

    @ArchTest
    static final ArchRule only_store_and_ledger_know_sql = noClasses()
            .that()
            .resideInAPackage("dev.weir..")
            .and()
            .resideOutsideOfPackages("dev.weir.control.store..", "dev.weir.control.ledger..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.jdbi..", "java.sql..", "org.flywaydb..", "com.zaxxer..");

    @ArchTest
    static final ArchRule only_the_envoy_package_knows_envoy_types_in_the_application = noClasses()
            .that()
            .resideInAPackage("dev.weir.control..")
            .and()
            .resideOutsideOfPackages("dev.weir.control.envoy..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.envoyproxy..");

    @ArchTest
    static final ArchRule only_the_testbed_speaks_http_through_netty = noClasses()
            .that()
            .resideInAPackage("dev.weir..")
            .and()
            .resideOutsideOfPackages("dev.weir.control.demo..", "dev.weir.control.testbed..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..");

    /** The rows of docs/architecture.md, from the roof to the ground: package, and what it may know of ours. */
    private static Map<String, Set<String>> floors() {
        Map<String, Set<String>> floors = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(Path.of("../docs/architecture.md"))) {
                Matcher row = ROW.matcher(line);
                if (row.matches()) {
                    words(row.group(1)).forEach(name -> floors.put(name, words(row.group(2))));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return floors;
    }

    private static Set<String> words(String cell) {
        return NAME.matcher(cell).results().map(each -> each.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    @ArchTest
    static void a_package_knows_only_what_stands_below_it_and_in_its_row(JavaClasses classes) {
        Map<String, Set<String>> floors = floors();
        Map<String, Set<String>> known = new TreeMap<>();
        for (JavaClass each : classes) {
            String from = packageOf(each);
            Set<String> of = known.computeIfAbsent(from, name -> new TreeSet<>());
            each.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith(OURS)
                            && !packageOf(target).equals(from))
                    .forEach(target -> of.add(packageOf(target)));
        }
        assertThat(floors.keySet())
                .as("packages in docs/architecture.md")
                .containsExactlyInAnyOrderElementsOf(known.keySet());
        List<String> order = List.copyOf(floors.keySet());
        assertSoftly(soft -> floors.forEach((name, below) -> {
            soft.assertThat(known.get(name)).as("what %s knows", name).isSubsetOf(below);
            soft.assertThat(below)
                    .as("what stands below %s", name)
                    .allMatch(other -> order.indexOf(other) > order.indexOf(name));
        }));
    }

    @ArchTest
    static final ArchRule only_the_server_makes_the_parts = noClasses()
            .that()
            .resideInAPackage("dev.weir.control..")
            .and()
            .resideOutsideOfPackages("dev.weir.control.server..", "dev.weir.control.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.weir.control.server..");

    @ArchTest
    static final ArchRule a_command_knows_no_part_of_the_running_control_plane = noClasses()
            .that()
            .resideInAPackage("dev.weir.control.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.weir.control.loop..",
                    "dev.weir.control.pick..",
                    "dev.weir.control.envoy..",
                    "dev.weir.control.metrics..");

    private static String packageOf(JavaClass type) {
        return type.getPackageName().substring(OURS.length());
    }
}
