// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20, TokenTransfer} from "./TokenTransfer.sol";

/// @title Where providers stake and declare what they can do
/// @notice A provider is a DNS-label name with an owner (holds the stake, may do everything), a signer (a hot key that
/// may declare), and the hash of its endpoint. It declares capacity in milli work units per second, the requests it
/// serves at once, and the task types it offers. A name costs the minimum stake for as long as it is held.
/// @dev Every state change has an event with the resulting values, so that the whole state can be rebuilt from logs alone.
/// There is no administrator, no upgrade and no way to touch another's stake. The token may take a fee on transfers (what
/// arrived is what counts) and may return nothing or a boolean; a token whose balances change by themselves (rebasing) must
/// not be used.
contract CapacityRegistry {
    using TokenTransfer for IERC20;

    struct Provider {
        address owner;
        uint64 milliUnitsPerSecond;
        uint32 slots;
        address signer;
        uint64 releaseAt;
        bytes32 endpointHash;
        uint256 staked;
        uint256 unbonding;
        string name;
    }

    /// Stake of names that were given back.
    struct Payout {
        uint256 amount;
        uint64 releaseAt;
    }

    /// @notice Longest provider name and task type, in bytes.
    uint256 public constant MAX_NAME_LENGTH = 63;
    /// @notice Most task types in one declaration.
    uint256 public constant MAX_TASK_TYPES = 16;
    /// @notice Most capacity: 1e9 work units per second.
    uint64 public constant MAX_MILLI_UNITS_PER_SECOND = 1e12;
    /// @notice Most requests served at once.
    uint32 public constant MAX_SLOTS = 1_000_000;
    /// @notice Longest unbonding delay that a registry can be deployed with.
    uint64 public constant MAX_UNBONDING_DELAY = 365 days;

    /// @notice The token that is staked.
    IERC20 public immutable token;
    /// @notice Stake that stands for every registered name, in the token's atomic units; 0 = none.
    uint256 public immutable minStake;
    /// @notice Seconds between asking for stake back and getting it.
    uint64 public immutable unbondingDelay;

    mapping(bytes32 id => Provider) private providers;
    mapping(address owner => Payout) private payouts;
    bool private transient entered;

    event ProviderRegistered(
        bytes32 indexed id, address indexed owner, address signer, bytes32 endpointHash, string name
    );
    /// @dev the new owner is the signer, too, and nothing is declared
    /// @param staked stake that came along
    event OwnerChanged(bytes32 indexed id, address indexed owner, uint256 staked);
    /// @param amount all that it had staked and unbonding
    /// @param releaseAt block time from which all released stake of the owner can be withdrawn
    event ProviderReleased(bytes32 indexed id, address indexed owner, uint256 amount, uint64 releaseAt);
    event ReleasedStakeWithdrawn(address indexed owner, uint256 amount);
    event SignerChanged(bytes32 indexed id, address signer);
    event EndpointChanged(bytes32 indexed id, bytes32 endpointHash);
    /// @param amount what arrived now
    /// @param staked stake after it
    event Staked(bytes32 indexed id, uint256 amount, uint256 staked);
    /// @param staked stake after it
    /// @param unbonding all that waits, this request included
    /// @param releaseAt block time from which all of it can be withdrawn
    event UnstakeRequested(bytes32 indexed id, uint256 amount, uint256 staked, uint256 unbonding, uint64 releaseAt);
    event StakeWithdrawn(bytes32 indexed id, uint256 amount);
    event CapacityDeclared(bytes32 indexed id, uint64 milliUnitsPerSecond, uint32 slots, string[] taskTypes);
    event CapacityWithdrawn(bytes32 indexed id);

    error InvalidToken(address token);
    error InvalidUnbondingDelay(uint64 delay, uint64 max);
    error InvalidName(string name);
    error NameTaken(string name);
    error InvalidAddress();
    error UnknownProvider(bytes32 id);
    error NotAuthorized(bytes32 id, address caller);
    error InvalidCapacity(uint64 milliUnitsPerSecond, uint64 max);
    error InvalidSlots(uint32 slots, uint32 max);
    error InvalidTaskType(string taskType);
    error TooManyTaskTypes(uint256 count, uint256 max);
    error InvalidAmount();
    error InsufficientStake(uint256 staked, uint256 needed);
    error NothingToWithdraw();
    error StillBonded(uint64 releaseAt);
    error Reentered();

    modifier nonReentrant() {
        if (entered) revert Reentered();
        entered = true;
        _;
        entered = false;
    }

    /// @param token_ the ERC-20 that is staked
    /// @param minStake_ stake that stands for every registered name, atomic units
    /// @param unbondingDelay_ seconds, at most a year
    constructor(IERC20 token_, uint256 minStake_, uint64 unbondingDelay_) {
        if (address(token_).code.length == 0) revert InvalidToken(address(token_));
        if (unbondingDelay_ > MAX_UNBONDING_DELAY) revert InvalidUnbondingDelay(unbondingDelay_, MAX_UNBONDING_DELAY);
        token = token_;
        minStake = minStake_;
        unbondingDelay = unbondingDelay_;
    }

    /// @notice Registers a provider with its first stake; the caller becomes its owner. First come, first served, as long
    /// as the minimum stake stands.
    /// @param name 1-63 of a-z, 0-9 and hyphen, neither first nor last a hyphen
    /// @param signer key that may declare besides the owner
    /// @param endpointHash keccak256 of the endpoint's URL, so that others can check where a provider is to be reached
    /// @param amount taken from the caller's allowance; what arrives must be the minimum stake at least
    /// @return id keccak256 of the name
    function register(string calldata name, address signer, bytes32 endpointHash, uint256 amount)
        external
        nonReentrant
        returns (bytes32 id)
    {
        if (!_isLabel(bytes(name))) revert InvalidName(name);
        if (signer == address(0)) revert InvalidAddress();
        id = idOf(name);
        if (providers[id].owner != address(0)) revert NameTaken(name);
        uint256 received = amount == 0 ? 0 : token.pull(msg.sender, amount);
        if (received < minStake) revert InsufficientStake(received, minStake);
        Provider storage provider = providers[id];
        provider.owner = msg.sender;
        provider.signer = signer;
        provider.endpointHash = endpointHash;
        provider.staked = received;
        provider.name = name;
        emit ProviderRegistered(id, msg.sender, signer, endpointHash, name);
        if (received != 0) emit Staked(id, received, received);
    }

    /// @notice Gives a name back: it is free at once, and nothing is declared under it. All that was staked and unbonding can
    /// be withdrawn after the unbonding delay; a further name that is released starts the delay anew for all of the owner's.
    function release(bytes32 id) external nonReentrant {
        Provider storage provider = _owned(id);
        uint256 amount = provider.staked + provider.unbonding;
        uint64 releaseAt = uint64(block.timestamp) + unbondingDelay;
        delete providers[id];
        Payout storage payout = payouts[msg.sender];
        payout.amount += amount;
        payout.releaseAt = releaseAt;
        emit ProviderReleased(id, msg.sender, amount, releaseAt);
    }

    /// @notice Pays out the stake of released names when it has been unbonding long enough.
    function withdrawReleased() external nonReentrant {
        Payout memory payout = payouts[msg.sender];
        if (payout.amount == 0) revert NothingToWithdraw();
        if (block.timestamp < payout.releaseAt) revert StillBonded(payout.releaseAt);
        delete payouts[msg.sender];
        emit ReleasedStakeWithdrawn(msg.sender, payout.amount);
        token.push(msg.sender, payout.amount);
    }

    /// @notice Hands a provider, its stake and what is unbonding over to another owner, who is its signer, too, until it
    /// names another. What was declared ends: nobody is bound by what somebody else said.
    function setOwner(bytes32 id, address owner) external {
        Provider storage provider = _owned(id);
        if (owner == address(0)) revert InvalidAddress();
        provider.owner = owner;
        provider.signer = owner;
        provider.milliUnitsPerSecond = 0;
        provider.slots = 0;
        emit OwnerChanged(id, owner, provider.staked);
    }

    /// @notice Replaces the signer.
    function setSigner(bytes32 id, address signer) external {
        Provider storage provider = _owned(id);
        if (signer == address(0)) revert InvalidAddress();
        provider.signer = signer;
        emit SignerChanged(id, signer);
    }

    /// @notice Replaces the endpoint's hash.
    function setEndpoint(bytes32 id, bytes32 endpointHash) external {
        _owned(id).endpointHash = endpointHash;
        emit EndpointChanged(id, endpointHash);
    }

    /// @notice Adds stake from the owner's allowance. What arrives is what counts.
    function stake(bytes32 id, uint256 amount) external nonReentrant {
        Provider storage provider = _owned(id);
        uint256 received = token.pull(msg.sender, amount);
        if (received == 0) revert InvalidAmount();
        uint256 staked = provider.staked + received;
        provider.staked = staked;
        emit Staked(id, received, staked);
    }

    /// @notice Asks for stake back. It stops to count at once and can be withdrawn after the unbonding delay; a further
    /// request starts the delay anew for all that waits. The minimum stake stays; {release} gives it back with the name.
    /// @dev refused while a token is being moved, so that no token can see or change a half-made stake
    function requestUnstake(bytes32 id, uint256 amount) external nonReentrant {
        Provider storage provider = _owned(id);
        uint256 staked = provider.staked;
        if (amount == 0) revert InvalidAmount();
        if (amount > staked) revert InsufficientStake(staked, amount);
        staked -= amount;
        if (staked < minStake) revert InsufficientStake(staked, minStake);
        uint256 unbonding = provider.unbonding + amount;
        uint64 releaseAt = uint64(block.timestamp) + unbondingDelay;
        provider.staked = staked;
        provider.unbonding = unbonding;
        provider.releaseAt = releaseAt;
        emit UnstakeRequested(id, amount, staked, unbonding, releaseAt);
    }

    /// @notice Pays out what has been unbonding long enough.
    function withdrawStake(bytes32 id) external nonReentrant {
        Provider storage provider = _owned(id);
        uint256 amount = provider.unbonding;
        if (amount == 0) revert NothingToWithdraw();
        if (block.timestamp < provider.releaseAt) revert StillBonded(provider.releaseAt);
        provider.unbonding = 0;
        provider.releaseAt = 0;
        emit StakeWithdrawn(id, amount);
        token.push(msg.sender, amount);
    }

    /// @notice Declares capacity; replaces what was declared before.
    /// @param milliUnitsPerSecond 1 - 1e12; 500 = one work unit every two seconds
    /// @param slots requests served at once, at most 1 000 000; 0 = not declared
    /// @param taskTypes at most 16, each 1-63 of letters, digits and . _ / : -; none = any
    function declare(bytes32 id, uint64 milliUnitsPerSecond, uint32 slots, string[] calldata taskTypes) external {
        Provider storage provider = _controlled(id);
        if (milliUnitsPerSecond == 0 || milliUnitsPerSecond > MAX_MILLI_UNITS_PER_SECOND) {
            revert InvalidCapacity(milliUnitsPerSecond, MAX_MILLI_UNITS_PER_SECOND);
        }
        if (slots > MAX_SLOTS) revert InvalidSlots(slots, MAX_SLOTS);
        if (taskTypes.length > MAX_TASK_TYPES) revert TooManyTaskTypes(taskTypes.length, MAX_TASK_TYPES);
        for (uint256 i = 0; i < taskTypes.length; i++) {
            if (!_isTaskType(bytes(taskTypes[i]))) revert InvalidTaskType(taskTypes[i]);
        }
        provider.milliUnitsPerSecond = milliUnitsPerSecond;
        provider.slots = slots;
        emit CapacityDeclared(id, milliUnitsPerSecond, slots, taskTypes);
    }

    /// @notice Takes the declaration back: the provider offers nothing until it declares again.
    function withdrawCapacity(bytes32 id) external {
        Provider storage provider = _controlled(id);
        provider.milliUnitsPerSecond = 0;
        provider.slots = 0;
        emit CapacityWithdrawn(id);
    }

    /// @notice What is known of a provider; all zero when it is not registered. Task types are in the logs only.
    function providerOf(bytes32 id) external view returns (Provider memory) {
        return providers[id];
    }

    /// @notice What an owner's released names left to be withdrawn, and from when.
    function payoutOf(address owner) external view returns (Payout memory) {
        return payouts[owner];
    }

    /// @notice A provider's id.
    function idOf(string calldata name) public pure returns (bytes32) {
        return keccak256(bytes(name));
    }

    function _owned(bytes32 id) private view returns (Provider storage provider) {
        provider = providers[id];
        if (provider.owner == address(0)) revert UnknownProvider(id);
        if (msg.sender != provider.owner) revert NotAuthorized(id, msg.sender);
    }

    function _controlled(bytes32 id) private view returns (Provider storage provider) {
        provider = providers[id];
        if (provider.owner == address(0)) revert UnknownProvider(id);
        if (msg.sender != provider.owner && msg.sender != provider.signer) revert NotAuthorized(id, msg.sender);
    }

    function _isLabel(bytes calldata text) private pure returns (bool) {
        uint256 length = text.length;
        if (length == 0 || length > MAX_NAME_LENGTH || text[0] == "-" || text[length - 1] == "-") return false;
        for (uint256 i = 0; i < length; i++) {
            bytes1 c = text[i];
            if (!(_isLowerOrDigit(c) || c == "-")) return false;
        }
        return true;
    }

    function _isTaskType(bytes calldata text) private pure returns (bool) {
        uint256 length = text.length;
        if (length == 0 || length > MAX_NAME_LENGTH) return false;
        for (uint256 i = 0; i < length; i++) {
            bytes1 c = text[i];
            bool ok = _isLowerOrDigit(c) || (c >= "A" && c <= "Z") || c == "-" || c == "." || c == "_" || c == "/" || c == ":";
            if (!ok) return false;
        }
        return true;
    }

    function _isLowerOrDigit(bytes1 c) private pure returns (bool) {
        return (c >= "a" && c <= "z") || (c >= "0" && c <= "9");
    }
}
