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
        id = registry.register("gpu-1", SIGNER, ENDPOINT);
    }

    // registration

    function test_registers_with_all_that_a_reader_needs_in_the_event() public {
        vm.expectEmit(address(registry));
        emit CapacityRegistry.ProviderRegistered(keccak256("gpu-2"), OWNER, SIGNER, ENDPOINT, "gpu-2");
        vm.prank(OWNER);
        bytes32 second = registry.register("gpu-2", SIGNER, ENDPOINT);
        CapacityRegistry.Provider memory p = registry.providerOf(second);
        eq(p.owner, OWNER, "owner");
        eq(p.signer, SIGNER, "signer");
        same(bytes(p.name), "gpu-2", "name");
        eq(uint256(p.endpointHash), uint256(ENDPOINT), "endpoint");
        eq(p.milliUnitsPerSecond, 0, "nothing declared yet");
    }

    function test_a_name_is_registered_once() public {
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.NameTaken.selector, "gpu-1"));
        vm.prank(STRANGER);
        registry.register("gpu-1", STRANGER, ENDPOINT);
    }

    function test_refuses_names_that_are_no_labels() public {
        string[12] memory bad =
            ["", "-a", "a-", "-", "A", "a.b", "a b", "a_b", unicode"ä", "a|b", "a\n", string(new bytes(3))];
        for (uint256 i = 0; i < bad.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidName.selector, bad[i]));
            registry.register(bad[i], SIGNER, ENDPOINT);
        }
        string memory longest = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        registry.register(longest, SIGNER, ENDPOINT);
        string memory longer = string.concat(longest, "a");
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidName.selector, longer));
        registry.register(longer, SIGNER, ENDPOINT);
    }

    function test_refuses_a_zero_signer() public {
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidAddress.selector));
        registry.register("x", address(0), ENDPOINT);
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
        registry.register(string(name), SIGNER, ENDPOINT);
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
        emit CapacityRegistry.OwnerChanged(id, STRANGER);
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

    // who may

    function testFuzz_nobody_else_changes_a_provider(address caller) public {
        vm.assume(caller != OWNER && caller != SIGNER);
        bytes[8] memory calls = _everyCall();
        for (uint256 i = 0; i < calls.length; i++) {
            _refused(caller, calls[i]);
        }
    }

    function test_the_signer_declares_and_withdraws_and_nothing_else() public {
        _stake(MIN_STAKE);
        bytes[8] memory calls = _everyCall();
        for (uint256 i = 0; i < 6; i++) {
            _refused(SIGNER, calls[i]);
        }
        for (uint256 i = 6; i < 8; i++) {
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

    function test_nothing_is_declared_below_the_minimum_stake() public {
        _stake(MIN_STAKE - 1);
        vm.expectRevert(
            abi.encodeWithSelector(CapacityRegistry.InsufficientStake.selector, MIN_STAKE - 1, MIN_STAKE)
        );
        vm.prank(OWNER);
        registry.declare(id, 1, 1, new string[](0));
    }

    // stake

    function test_a_provider_that_takes_its_stake_out_loses_its_declaration_at_once() public {
        _stake(MIN_STAKE + 50);
        vm.prank(OWNER);
        registry.declare(id, 1, 1, new string[](0));
        vm.prank(OWNER);
        registry.requestUnstake(id, 50);
        eq(registry.providerOf(id).milliUnitsPerSecond, 1, "still enough");
        vm.expectEmit(address(registry));
        emit CapacityRegistry.UnstakeRequested(id, 1, MIN_STAKE - 1, 51, uint64(block.timestamp) + DELAY);
        vm.expectEmit(address(registry));
        emit CapacityRegistry.CapacityWithdrawn(id);
        vm.prank(OWNER);
        registry.requestUnstake(id, 1);
        eq(registry.providerOf(id).milliUnitsPerSecond, 0, "withdrawn");
    }

    function test_stake_comes_back_after_the_delay_and_not_before() public {
        vm.expectEmit(address(registry));
        emit CapacityRegistry.Staked(id, 300, 300);
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
        eq(token.balanceOf(OWNER), 1_000_000, "all back");
        vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.NothingToWithdraw.selector));
        vm.prank(OWNER);
        registry.withdrawStake(id);
    }

    function testFuzz_stake_and_request_are_exact(uint256 in_, uint256 out) public {
        in_ = between(in_, 1, 1_000_000);
        _stake(in_);
        if (out == 0) vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InvalidAmount.selector));
        else if (out > in_) vm.expectRevert(abi.encodeWithSelector(CapacityRegistry.InsufficientStake.selector, in_, out));
        vm.prank(OWNER);
        registry.requestUnstake(id, out);
        CapacityRegistry.Provider memory p = registry.providerOf(id);
        eq(p.staked + p.unbonding, in_, "stake and unbonding");
        eq(token.balanceOf(address(registry)), in_, "balance");
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
    function _everyCall() private view returns (bytes[8] memory) {
        return [
            abi.encodeCall(registry.setOwner, (id, STRANGER)),
            abi.encodeCall(registry.setSigner, (id, STRANGER)),
            abi.encodeCall(registry.setEndpoint, (id, bytes32(0))),
            abi.encodeCall(registry.stake, (id, 1)),
            abi.encodeCall(registry.requestUnstake, (id, 1)),
            abi.encodeCall(registry.withdrawStake, (id)),
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
