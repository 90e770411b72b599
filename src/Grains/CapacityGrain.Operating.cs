using Admission.Capacity;
using Microsoft.Extensions.Logging;

namespace Admission.Grains;

/// <content>What operators see and change.</content>
public sealed partial class CapacityGrain
{
    /// <inheritdoc/>
    public async Task<AdjustmentAnswer> AdjustPolicyAsync(AdjustmentRequest request)
    {
        // One that waits for its write is a version that nobody has seen.
        for (var writes = 0; writes < 2 && _ledger.PolicyPending; writes++)
        {
            await StoreAsync();
        }

        if (_ledger.SteppedDown || _ledger.PolicyPending)
        {
            AfterTurn();
            throw new OrleansException($"The policy of backend '{_backend}' cannot be changed at present: its ledger moves, or its record cannot be written. Nothing was changed; try again.");
        }

        var answer = _ledger.Adjust(request, _time.GetUtcNow());
        for (var writes = 0; writes < 2 && _ledger.PolicyVersion < answer.Version; writes++)
        {
            await StoreAsync();
        }

        AfterTurn();
        if (_ledger.PolicyVersion < answer.Version)
        {
            throw new OrleansException($"The change of the policy of backend '{_backend}' could not be stored yet, and is not in force; it will be, as soon as its record can be written. Look at the policy before you try again.");
        }

        if (answer.IsAccepted && answer.Version > request.ExpectedVersion)
        {
            LogAdjusted(_backend, request.By, answer.Version);
        }

        return answer;
    }

    /// <inheritdoc/>
    public Task<PolicyDescription> DescribePolicyAsync() => Task.FromResult(_ledger.DescribePolicy());

    /// <inheritdoc/>
    public Task<BackendGlance> GlanceAsync(long epoch, long after, bool closely) => Task.FromResult(_ledger.Glance(epoch, after, closely) with { Silo = RuntimeIdentity });

    /// <inheritdoc/>
    public Task<WaitingPage> WaitingAsync(WaitingQuery query) => Task.FromResult(_ledger.Waiting(query));

    [LoggerMessage(3090, LogLevel.Information, "The policy of backend '{Backend}' was changed by {By}: version {Version}.")]
    private partial void LogAdjusted(string backend, string by, long version);
}
