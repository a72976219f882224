package dev.weir.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between modules and packages; docs/architecture.md draws them. */
@AnalyzeClasses(packages = "dev.weir", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
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

    @ArchTest
    static final ArchRule packages_of_the_application_have_no_cycles =
            slices().matching("dev.weir.control.(*)..").should().beFreeOfCycles();
}
