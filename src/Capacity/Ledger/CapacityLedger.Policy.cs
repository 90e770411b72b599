namespace Admission.Capacity;

/// <content>The policy: what is configured, and what an operator has changed on top of it. Either comes into force once it is stored.</content>
/// <remarks>A change that comes while another waits for its write takes its place, with both in its history, and under the same version: neither was ever in force alone.</remarks>
public sealed partial class CapacityLedger
{
    private PolicySetting? _setting;
    private PolicySetting? _pending;

    /// <summary>The policy in force, with what an operator has changed; null before the first.</summary>
    public BackendPolicy? Policy => _policy;

    /// <summary>The policy as it is configured; null before the first.</summary>
    public BackendPolicy? Configured => _setting?.Policy.Configured;

    /// <summary>The version of the policy in force; 0 before the first.</summary>
    public long PolicyVersion => _policyVersion;

    /// <summary>A policy waits for its write.</summary>
    public bool PolicyPending => _pending is not null;

    /// <summary>The version that a policy to be stored will have.</summary>
    private long NextPolicyVersion => _policyVersion + (_pending is null ? 0 : 1);

    /// <summary>Asks for a policy to be put in force, which happens once it is stored. What an operator has adjusted stays.</summary>
    /// <param name="policy">The whole policy.</param>
    /// <param name="at">When, for the history: the ledger has no time of day.</param>
    /// <returns>The version that it will have, or every reason why it is refused.</returns>
    public PolicyAnswer ApplyPolicy(BackendPolicy policy, DateTimeOffset? at = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var errors = BackendPolicyRules.Validate(policy);
        if (errors.Count > 0)
        {
            return new PolicyAnswer(_policyVersion, [.. errors]);
        }

        var latest = _pending ?? _setting;
        if (!policy.Matches(latest?.Policy.Configured))
        {
            Ask(new AdjustedPolicy(policy, latest?.Policy.Adjustment), at, null);
        }

        return new PolicyAnswer(NextPolicyVersion, []);
    }

    /// <summary>Asks for an operator's adjustment to be put in force in place of the former one, which happens once it is stored.</summary>
    /// <param name="request">The adjustment, and the version that it is meant for.</param>
    /// <param name="at">When, for the history.</param>
    /// <returns>The version that the policy will have; or that it has another one by now, or every reason why the adjustment is refused.</returns>
    public AdjustmentAnswer Adjust(AdjustmentRequest request, DateTimeOffset? at = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_pending is not null || request.ExpectedVersion != _policyVersion)
        {
            return new AdjustmentAnswer { Version = NextPolicyVersion, IsStale = true };
        }

        if (_setting is null)
        {
            return new AdjustmentAnswer { Version = 0, Errors = ["The backend has no policy yet. Try again when a gateway has delivered the configured one."] };
        }

        var adjusted = new AdjustedPolicy(_setting.Policy.Configured, request.Adjustment);
        if (adjusted.Mistakes.Count > 0)
        {
            return new AdjustmentAnswer { Version = _policyVersion, Errors = [.. adjusted.Mistakes] };
        }

        if (!Equals(adjusted.Adjustment, _setting.Policy.Adjustment))
        {
            Ask(adjusted, at, request.By);
        }

        return new AdjustmentAnswer { Version = NextPolicyVersion };
    }

    /// <summary>Describes the policy in force and its history.</summary>
    public PolicyDescription DescribePolicy() => new()
    {
        Version = _policyVersion,
        Configured = Configured,
        Adjustment = _setting?.Policy.Adjustment,
        History = [.. (_setting?.History ?? []).Reverse()],
    };

    private void Ask(AdjustedPolicy policy, DateTimeOffset? at, string? by) => _pending = PolicySetting.After(_pending ?? _setting, policy, _policyVersion + 1, at, by);

    /// <summary>Takes the policy of a record.</summary>
    private void RestorePolicy(LedgerState state)
    {
        _policyVersion = state.PolicyVersion;
        if (state.Policy is null)
        {
            return;
        }

        _setting = new PolicySetting(new AdjustedPolicy(state.Policy, state.Adjustment), state.PolicyHistory ?? []);
        ConfigureFrom(_setting, state.Limit);
    }

    private void PutInForce(PolicySetting setting)
    {
        var isAdjusted = !Equals(_setting?.Bounds, setting.Bounds);
        _setting = setting;
        _policyVersion++;
        _pending = ReferenceEquals(_pending, setting) ? null : _pending;
        ConfigureFrom(setting, _limit?.Learned);
        ReviseHealth();
        foreach (var account in _accounts.Values)
        {
            // Of what an operator adjusts pools hear only from here.
            if (account.Booked > 0 || account.Tickets.Count > 0 || isAdjusted)
            {
                Notify(account);
            }
        }
    }

    private void ConfigureFrom(PolicySetting setting, LearnedLimit? learned)
    {
        _policy = setting.Policy.InForce;
        _destinations.Configure(_policy, setting.Policy.IsPaused);
        _queue.Configure(_policy);
        ConfigureLimit(learned);
    }
}
