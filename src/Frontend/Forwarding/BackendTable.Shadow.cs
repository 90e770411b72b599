using Admission.Capacity;
using Admission.Frontend.Configuration;

namespace Admission.Frontend.Forwarding;

/// <content>Policies that are decided in shadow: not enforced at all, or proposed beside the one that is.</content>
internal sealed partial class BackendTable
{
    /// <summary>Puts changed settings in force, and begins or ends to enforce the policy where that has changed. Called under the lock.</summary>
    private void Enforce(Backend backend, BackendSettings wanted)
    {
        var before = backend.Settings.IsEnforced;
        if (wanted.IsEnforced && !before)
        {
            // The client first, as with a new backend. Whether the ledger has taken it is asked later.
            backend.Delivered = false;
            _ = _client.ConfigureAsync(backend.Id, wanted.Policy, _stopping);
        }

        backend.Settings = wanted;
        if (!wanted.IsEnforced && before)
        {
            // Who is refused by that, because it waited or was about to ask, finds that nothing is enforced, and passes.
            backend.Delivered = true;
            _client.Remove(backend.Id);
        }
    }

    /// <summary>Begins, changes or ends what is decided in shadow. Called under the lock.</summary>
    private void FollowShadow(Backend backend, BackendSettings? before, BackendSettings wanted)
    {
        if (!wanted.IsEnforced && before is not { IsEnforced: false })
        {
            LogNotProtected(backend.Id);
        }

        if (wanted.ShadowPolicy is not { } policy)
        {
            if (before?.ShadowPolicy is not null)
            {
                backend.Shadow = null;
                _client.RemoveShadow(backend.Id);
                LogShadowEnded(backend.Id);
            }
        }
        else if (!policy.Matches(before?.ShadowPolicy))
        {
            _ = DeliverShadowAsync(backend, policy);
        }
    }

    /// <inheritdoc cref="DeliverAsync"/>
    private async Task DeliverShadowAsync(Backend backend, BackendPolicy policy)
    {
        for (var pause = ShortestPause; ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks)))
        {
            try
            {
                Task<PolicyAnswer> configured;
                lock (_gate)
                {
                    if (_stopping.IsCancellationRequested || backend.Removed || !policy.Matches(backend.Settings.ShadowPolicy))
                    {
                        return;
                    }

                    configured = _client.ConfigureShadowAsync(backend.Id, policy, _stopping);
                    backend.Shadow = _client.ShadowOf(backend.Id);
                }

                var answer = await configured;
                if (answer.Errors.Length > 0)
                {
                    LogShadowRefused(backend.Id, string.Join("; ", answer.Errors));
                    return;
                }

                if (answer.Version > 0)
                {
                    LogShadowInForce(backend.Id, policy.TotalLimit);
                    return;
                }
            }
            catch (Exception unexpected) when (!_stopping.IsCancellationRequested)
            {
                LogShadowFailed(unexpected, backend.Id, pause);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(pause, _time, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(2160, LogLevel.Warning, "The backend '{Backend}' is NOT PROTECTED: Shadow is true, so its policy is only decided and counted. Nothing is refused or delayed.")]
    private partial void LogNotProtected(string backend);

    [LoggerMessage(2161, LogLevel.Information, "A policy of the backend '{Backend}' is decided in shadow, with a limit of {Limit}: what it would refuse or delay is counted.")]
    private partial void LogShadowInForce(string backend, int limit);

    [LoggerMessage(2162, LogLevel.Information, "No policy of the backend '{Backend}' is decided in shadow any more.")]
    private partial void LogShadowEnded(string backend);

    [LoggerMessage(2163, LogLevel.Error, "The shadow ledger of the backend '{Backend}' has refused the policy, and decides nothing: {Errors}")]
    private partial void LogShadowRefused(string backend, string errors);

    [LoggerMessage(2164, LogLevel.Error, "The policy in shadow of the backend '{Backend}' could not be delivered. Next try in {Pause}.")]
    private partial void LogShadowFailed(Exception exception, string backend, TimeSpan pause);
}
