// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CapacityRegistry} from "../src/CapacityRegistry.sol";
import {DevToken} from "../src/DevToken.sol";
import {IERC20} from "../src/TokenTransfer.sol";
import {Check} from "./Check.sol";

contract CapacityRegistryTest is Check {
    address private constant OWNER = address(0xA11CE);
    address private constant SIGNER = address(0x51611E2);
    address private constant STRANGER = address(0xBAD);
    bytes32 private constant ENDPOINT = keccak256("https://gpu.example");
    uint64 private constant DELAY = 7 days;
    uint256 private constant MIN_STAKE = 100;

    DevToken private token;
    CapacityRegistry private registry;
    bytes32 private id;

    function setUp() public {
        token = new DevToken();
        registry = new CapacityRegistry(IERC20(address(token)), MIN_STAKE, DELAY);
        token.mint(OWNER, 1_000_000);
        vm.prank(OWNER);
        token.approve(address(registry), type(uint256).max);
        vm.prank(OWNER);
        id = registry.register("gpu-1", SIGNER, ENDPOINT, MIN_STAKE);
    }

    // registration

    function test_registers_with_all_that_a_reader_needs_in_the_event() public {
        vm.expectEmit(address(registry));
        emit CapacityRegistry.ProviderRegistered(keccak256("gpu-2"), OWNER, SIGNER, ENDPOINT, "gpu-2");
        vm.expectEmit(address(registry));
        emit CapacityRegistry.Staked(keccak256("gpu-2"), 150, 150);
        vm.prank(OWNER);
        bytes32 second = registry.register("gpu-2", SIGNER, ENDPOINT, 150);
        CapacityRegistry.Provider memory p = registry.providerOf(second);
        eq(p.owner, OWNER, "owner");
        eq(p.signer, SIGNER, "signer");
        same(bytes(p.name), "gpu-2", "name");
        eq(uint256(p.endpointHash), uint256(ENDPOINT), "endpoint");
        eq(p.milliUnitsPerSecond, 0, "nothing declared yet");
        eq(p.staked, 150, "stake");
    }

    function testFuzz_a_name_costs_the_minimum_stake(uint256 amount) public {
        amount = between(amount, 0, 10 * MIN_STAKE);
        if (amount < MIN_STAKE) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InsufficientStake.selector, amount, MIN_STAKE));
        }
        vm.prank(OWNER);
        registry.register("gpu-2", SIGNER, ENDPOINT, amount);
        bool there = registry.providerOf(keccak256("gpu-2")).owner == OWNER;
        eq(there ? 1 : 0, amount >= MIN_STAKE ? 1 : 0, "registered");
        eq(token.balanceOf(address(registry)), MIN_STAKE + (there ? amount : 0), "balance");
    }

    function test_a_name_is_registered_once() public {
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.NameTaken.selector, "gpu-1"));
        vm.prank(STRANGER);
        registry.register("gpu-1", STRANGER, ENDPOINT, MIN_STAKE);
    }

    function test_refuses_names_that_are_no_labels() public {
        string[12] memory bad =
            ["", "-a", "a-", "-", "A", "a.b", "a b", "a_b", unicode"ä", "a|b", "a\n", string(new bytes(3))];
        for (uint256 i = 0; i < bad.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidName.selector, bad[i]));
            registry.register(bad[i], SIGNER, ENDPOINT, MIN_STAKE);
        }
        string memory longest = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        vm.prank(OWNER);
        registry.register(longest, SIGNER, ENDPOINT, MIN_STAKE);
        string memory longer = string.concat(longest, "a");
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidName.selector, longer));
        registry.register(longer, SIGNER, ENDPOINT, MIN_STAKE);
    }

    function test_refuses_a_zero_signer() public {
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidAddress.selector));
        registry.register("x", address(0), ENDPOINT, MIN_STAKE);
    }

    function testFuzz_a_name_is_accepted_exactly_when_it_is_a_label(bytes memory name) public {
        bool label = name.length >= 1 && name.length <= 63;
        for (uint256 i = 0; label && i < name.length; i++) {
            uint8 c = uint8(name[i]);
            bool alphanumeric = (c >= 97 && c <= 122) || (c >= 48 && c <= 57);
            label = alphanumeric || (c == 45 && i != 0 && i != name.length - 1);
        }
        vm.assume(keccak256(name) != keccak256("gpu-1"));
        if (!label) vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidName.selector, name));
        vm.prank(OWNER);
        registry.register(string(name), SIGNER, ENDPOINT, MIN_STAKE);
    }

    function test_owner_changes_signer_endpoint_and_owner() public {
        vm.expectEmit(address(registry));
        emit CapacityRegistry.SignerChanged(id, STRANGER);
        vm.prank(OWNER);
        registry.setSigner(id, STRANGER);
        vm.expectEmit(address(registry));
        emit CapacityRegistry.EndpointChanged(id, bytes32(uint256(7)));
        vm.prank(OWNER);
        registry.setEndpoint(id, bytes32(uint256(7)));
        vm.expectEmit(address(registry));
        emit CapacityRegistry.OwnerChanged(id, STRANGER, MIN_STAKE);
        vm.prank(OWNER);
        registry.setOwner(id, STRANGER);
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.NotAuthorized.selector, id, OWNER));
        vm.prank(OWNER);
        registry.setOwner(id, OWNER);
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidAddress.selector));
        vm.prank(STRANGER);
        registry.setOwner(id, address(0));
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidAddress.selector));
        vm.prank(STRANGER);
        registry.setSigner(id, address(0));
    }

    function test_a_new_owner_is_bound_by_nothing_that_was_said_before() public {
        vm.prank(SIGNER);
        registry.declare(id, 500, 3, new string[](0));
        vm.prank(OWNER);
        registry.setOwner(id, STRANGER);
        CapacityRegistry.Provider memory p = registry.providerOf(id);
        eq(p.milliUnitsPerSecond, 0, "capacity");
        eq(p.slots, 0, "slots");
        eq(p.signer, STRANGER, "signer");
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.NotAuthorized.selector, id, SIGNER));
        vm.prank(SIGNER);
        registry.declare(id, 500, 3, new string[](0));
    }

    // names that are given back

    function test_a_released_name_is_free_at_once_and_its_stake_after_the_delay() public {
        vm.prank(OWNER);
        registry.stake(id, 50);
        vm.prank(OWNER);
        registry.requestUnstake(id, 20);
        vm.prank(OWNER);
        registry.declare(id, 500, 3, new string[](0));
        uint64 releaseAt = uint64(block.timestamp) + DELAY;
        vm.expectEmit(address(registry));
        emit CapacityRegistry.ProviderReleased(id, OWNER, MIN_STAKE + 50, releaseAt);
        vm.prank(OWNER);
        registry.release(id);
        eq(registry.providerOf(id).owner, address(0), "nobody's");
        eq(registry.providerOf(id).milliUnitsPerSecond, 0, "nothing declared");
        eq(bytes(registry.providerOf(id).name).length, 0, "no name");
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.UnknownProvider.selector, id));
        vm.prank(OWNER);
        registry.withdrawStake(id);

        token.mint(STRANGER, MIN_STAKE);
        vm.prank(STRANGER);
        token.approve(address(registry), MIN_STAKE);
        vm.prank(STRANGER);
        registry.register("gpu-1", STRANGER, ENDPOINT, MIN_STAKE);
        eq(registry.providerOf(id).owner, STRANGER, "taken by another");

        vm.warp(releaseAt - 1);
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.StillBonded.selector, releaseAt));
        vm.prank(OWNER);
        registry.withdrawReleased();
        vm.warp(releaseAt);
        eq(registry.payoutOf(OWNER).amount, MIN_STAKE + 50, "payout");
        vm.expectEmit(address(registry));
        emit CapacityRegistry.ReleasedStakeWithdrawn(OWNER, MIN_STAKE + 50);
        vm.prank(OWNER);
        registry.withdrawReleased();
        eq(token.balanceOf(OWNER), 1_000_000, "all back");
        eq(token.balanceOf(address(registry)), MIN_STAKE, "the other's stays");
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.NothingToWithdraw.selector));
        vm.prank(OWNER);
        registry.withdrawReleased();
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.NothingToWithdraw.selector));
        vm.prank(STRANGER);
        registry.withdrawReleased();
    }

    function test_a_second_release_starts_the_delay_anew_for_both() public {
        vm.prank(OWNER);
        bytes32 second = registry.register("gpu-2", SIGNER, ENDPOINT, 300);
        vm.prank(OWNER);
        registry.release(id);
        vm.warp(block.timestamp + DELAY - 1);
        vm.prank(OWNER);
        registry.release(second);
        uint64 releaseAt = uint64(block.timestamp) + DELAY;
        vm.warp(releaseAt - 1);
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.StillBonded.selector, releaseAt));
        vm.prank(OWNER);
        registry.withdrawReleased();
        vm.warp(releaseAt);
        vm.prank(OWNER);
        registry.withdrawReleased();
        eq(token.balanceOf(OWNER), 1_000_000, "all back");
    }

    // who may

    function testFuzz_nobody_else_changes_a_provider(address caller) public {
        vm.assume(caller != OWNER && caller != SIGNER);
        bytes[9] memory calls = _everyCall();
        for (uint256 i = 0; i < calls.length; i++) {
            _refused(caller, calls[i]);
        }
    }

    function test_the_signer_declares_and_withdraws_and_nothing_else() public {
        _stake(MIN_STAKE);
        bytes[9] memory calls = _everyCall();
        for (uint256 i = 0; i < 7; i++) {
            _refused(SIGNER, calls[i]);
        }
        for (uint256 i = 7; i < 9; i++) {
            vm.prank(SIGNER);
            (bool ok,) = address(registry).call(calls[i]);
            eq(ok ? 1 : 0, 1, "signer's call");
        }
    }

    function test_unknown_providers_are_named() public {
        bytes32 unknown = keccak256("nobody");
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.UnknownProvider.selector, unknown));
        registry.stake(unknown, 1);
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.UnknownProvider.selector, unknown));
        registry.withdrawCapacity(unknown);
    }

    // capacity

    function test_declares_half_a_unit_per_second() public {
        _stake(MIN_STAKE);
        string[] memory types = new string[](2);
        types[0] = "demo-chat";
        types[1] = "Qwen/Qwen2.5-7B:free";
        vm.expectEmit(address(registry));
        emit CapacityRegistry.CapacityDeclared(id, 500, 3, types);
        vm.prank(SIGNER);
        registry.declare(id, 500, 3, types);
        eq(registry.providerOf(id).milliUnitsPerSecond, 500, "capacity");
        eq(registry.providerOf(id).slots, 3, "slots");
        vm.expectEmit(address(registry));
        emit CapacityRegistry.CapacityWithdrawn(id);
        vm.prank(SIGNER);
        registry.withdrawCapacity(id);
        eq(registry.providerOf(id).milliUnitsPerSecond, 0, "capacity after withdrawal");
    }

    function testFuzz_capacity_and_slots_are_bounded(uint64 milli, uint32 slots) public {
        _stake(MIN_STAKE);
        if (milli == 0 || milli > 1e12) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidCapacity.selector, milli, uint64(1e12)));
        } else if (slots > 1_000_000) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidSlots.selector, slots, uint32(1_000_000)));
        }
        vm.prank(OWNER);
        registry.declare(id, milli, slots, new string[](0));
    }

    function test_task_types_are_bounded() public {
        _stake(MIN_STAKE);
        vm.prank(OWNER);
        registry.declare(id, 1, 1, _types(16, "t"));
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.TooManyTaskTypes.selector, 17, 16));
        vm.prank(OWNER);
        registry.declare(id, 1, 1, _types(17, "t"));
        string[6] memory bad = ["", "a b", unicode"é", "a\n", "a|b", string(new bytes(64))];
        for (uint256 i = 0; i < bad.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidTaskType.selector, bad[i]));
            vm.prank(OWNER);
            registry.declare(id, 1, 1, _types(1, bad[i]));
        }
    }

    // stake

    function test_the_minimum_stake_stays_as_long_as_the_name_does() public {
        _stake(50);
        vm.prank(OWNER);
        registry.requestUnstake(id, 50);
        vm.expectRevert(
            abi.encodeWithSelector(CapacityRegistry.InsufficientStake.selector, MIN_STAKE - 1, MIN_STAKE)
        );
        vm.prank(OWNER);
        registry.requestUnstake(id, 1);
        eq(registry.providerOf(id).staked, MIN_STAKE, "stake");
    }

    function test_stake_comes_back_after_the_delay_and_not_before() public {
        vm.expectEmit(address(registry));
        emit CapacityRegistry.Staked(id, 300, MIN_STAKE + 300);
        _stake(300);
        vm.prank(OWNER);
        registry.requestUnstake(id, 200);
        uint64 first = uint64(block.timestamp) + DELAY;
        vm.warp(first - 1);
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.StillBonded.selector, first));
        vm.prank(OWNER);
        registry.withdrawStake(id);
        vm.prank(OWNER);
        registry.requestUnstake(id, 100);
        vm.warp(first);
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.StillBonded.selector, first - 1 + DELAY));
        vm.prank(OWNER);
        registry.withdrawStake(id);
        vm.warp(first - 1 + DELAY);
        vm.expectEmit(address(registry));
        emit CapacityRegistry.StakeWithdrawn(id, 300);
        vm.prank(OWNER);
        registry.withdrawStake(id);
        eq(token.balanceOf(OWNER), 1_000_000 - MIN_STAKE, "all but the minimum back");
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.NothingToWithdraw.selector));
        vm.prank(OWNER);
        registry.withdrawStake(id);
    }

    function testFuzz_stake_and_request_are_exact(uint256 in_, uint256 out) public {
        in_ = between(in_, 1, 1_000_000 - MIN_STAKE);
        _stake(in_);
        uint256 all = MIN_STAKE + in_;
        if (out == 0) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidAmount.selector));
        } else if (out > all) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InsufficientStake.selector, all, out));
        } else if (out > in_) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InsufficientStake.selector, all - out, MIN_STAKE));
        }
        vm.prank(OWNER);
        registry.requestUnstake(id, out);
        CapacityRegistry.Provider memory p = registry.providerOf(id);
        eq(p.staked + p.unbonding, all, "stake and unbonding");
        eq(token.balanceOf(address(registry)), all, "balance");
    }

    function test_nothing_staked_is_an_error() public {
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidAmount.selector));
        vm.prank(OWNER);
        registry.stake(id, 0);
    }

    function test_a_new_owner_gets_the_stake() public {
        _stake(300);
        vm.prank(OWNER);
        registry.requestUnstake(id, 300);
        vm.prank(OWNER);
        registry.setOwner(id, STRANGER);
        vm.warp(block.timestamp + DELAY);
        vm.prank(STRANGER);
        registry.withdrawStake(id);
        eq(token.balanceOf(STRANGER), 300, "paid to the new owner");
    }

    // deployment

    function test_refuses_a_token_that_is_no_contract_and_an_endless_delay() public {
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidToken.selector, STRANGER));
        new CapacityRegistry(IERC20(STRANGER), 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                CapacityRegistry.InvalidUnbondingDelay.selector, type(uint64).max, uint64(365 days)
            )
        );
        new CapacityRegistry(IERC20(address(token)), 0, type(uint64).max);
    }

    function _stake(uint256 amount) private {
        vm.prank(OWNER);
        registry.stake(id, amount);
    }

    /// the last two are also the signer's
    function _everyCall() private view returns (bytes[9] memory) {
        return [
            abi.encodeCall(registry.setOwner, (id, STRANGER)),
            abi.encodeCall(registry.setSigner, (id, STRANGER)),
            abi.encodeCall(registry.setEndpoint, (id, bytes32(0))),
            abi.encodeCall(registry.stake, (id, 1)),
            abi.encodeCall(registry.requestUnstake, (id, 1)),
            abi.encodeCall(registry.withdrawStake, (id)),
            abi.encodeCall(registry.release, (id)),
            abi.encodeCall(registry.declare, (id, 1, 1, new string[](0))),
            abi.encodeCall(registry.withdrawCapacity, (id))
        ];
    }

    function _refused(address caller, bytes memory data) private {
        vm.prank(caller);
        (bool ok, bytes memory why) = address(registry).call(data);
        eq(ok ? 1 : 0, 0, "call by another");
        same(why, abi.encodeWithSelector(CapacityRegistry.NotAuthorized.selector, id, caller), "reason");
    }

    function _types(uint256 count, string memory each) private pure returns (string[] memory types) {
        types = new string[](count);
        for (uint256 i = 0; i < count; i++) {
            types[i] = each;
        }
    }
}
