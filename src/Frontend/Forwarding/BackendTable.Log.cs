using Admission.Grains;

namespace Admission.Frontend.Forwarding;

internal sealed partial class BackendTable
{
    [LoggerMessage(2010, LogLevel.Information, "The backend '{Backend}' is limited to {Limit} {Requests} at once (policy version {Version}).")]
    private partial void LogPolicyInForce(string backend, int limit, string requests, long version);

    [LoggerMessage(2011, LogLevel.Error, "The ledger of the backend '{Backend}' has refused its policy, and the old one stays in force: {Errors}")]
    private partial void LogPolicyRefused(string backend, string errors);

    [LoggerMessage(2012, LogLevel.Error, "The policy of the backend '{Backend}' could not be delivered. Next try in {Pause}.")]
    private partial void LogPolicyFailed(Exception exception, string backend, TimeSpan pause);

    [LoggerMessage(2013, LogLevel.Information, "The backend '{Backend}' has no policy any more: its permits go back.")]
    private partial void LogRemoved(string backend);

    [LoggerMessage(2014, LogLevel.Warning, "The cluster '{Cluster}' has no policy in Admission:Backends: its requests pass without a limit.")]
    private partial void LogUnprotected(string cluster);

    [LoggerMessage(2018, LogLevel.Information, "The limit of the backend '{Backend}' is {Rule}.")]
    private partial void LogLimitRule(string backend, string rule);

    [LoggerMessage(2016, LogLevel.Information, "Admission runs on {Engine}.")]
    private partial void LogEngine(EngineInfo engine);

    [LoggerMessage(2017, LogLevel.Error, "The changed section Admission could not be applied, and the old one stays in force.")]
    private partial void LogFollowFailed(Exception exception);

    [LoggerMessage(2015, LogLevel.Error, "The changed section Admission is refused, and the old one stays in force: it has {Count}:\n{Errors}")]
    private partial void LogRefused(string count, string errors);
}
