package dev.weir.control.chain;

import dev.weir.control.chain.Wallet.Sent;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Providers of a development chain: gets them tokens, registers them, lets them stake and declare, in one or two blocks. */
public final class Onboarding {
    private Onboarding() {}

    /**
     * A provider that wants in.
     *
     * @param wallet its own account, owner and signer
     * @param endpoint its URL
     * @param stake atomic units of the development token
     * @param workUnitsPerSecond what it declares, at least 0.001
     */
    public record Offer(
            String provider,
            Wallet wallet,
            String endpoint,
            BigInteger stake,
            double workUnitsPerSecond,
            int slots,
            List<String> taskTypes) {
        public Offer {
            taskTypes = List.copyOf(taskTypes);
        }
    }

    /**
     * Lets all offers stake and declare; returns when every declaration is in a block.
     *
     * @param minter whoever deployed the token
     */
    public static void run(Deployment deployment, Wallet minter, List<Offer> offers)
            throws NodeException, InterruptedException {
        TokenContract token = new TokenContract(deployment.token());
        RegistryContract registry = new RegistryContract(deployment.registry());
        List<Sent> minted = new ArrayList<>();
        for (Offer offer : offers) {
            minted.add(minter.send(token.mint(offer.wallet().address(), offer.stake())));
        }
        minter.confirm(minted);
        List<List<Sent>> sent = new ArrayList<>();
        for (Offer offer : offers) {
            Wallet own = offer.wallet();
            sent.add(List.of(
                    own.send(token.approve(registry.address(), offer.stake())),
                    own.send(registry.register(offer.provider(), own.address(), offer.endpoint(), offer.stake())),
                    own.send(registry.declare(
                            offer.provider(), offer.workUnitsPerSecond(), offer.slots(), offer.taskTypes()))));
        }
        for (int i = 0; i < offers.size(); i++) {
            offers.get(i).wallet().confirm(sent.get(i));
        }
    }
}
