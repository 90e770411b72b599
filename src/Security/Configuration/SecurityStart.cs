using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Admission.Security.Configuration;

/// <summary>Says once who may.</summary>
internal sealed partial class SecurityStart(SecurityState state, ILogger<SecurityStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = state.Settings;
        if (!settings.CanProve(AccessRole.Viewer))
        {
            LogLocalOnly();
            return Task.CompletedTask;
        }

        LogCredentials(settings.Keys.Count, settings.Jwt?.Authority ?? "none");
        if (settings.TrustsLocal(AccessRole.Operator))
        {
            LogTrusting(logger);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(2214, LogLevel.Information, "No credentials are configured (Admission:Security): admin API and dashboard answer callers on this machine only, and every one of them.")]
    private partial void LogLocalOnly();

    [LoggerMessage(2215, LogLevel.Information, "Admin API and dashboard ask for credentials. Keys: {Keys}; issuer of tokens: {Issuer}.")]
    private partial void LogCredentials(int keys, string issuer);

    /// <summary>Warns that keys are configured, and not asked for on this machine.</summary>
    [LoggerMessage(2216, LogLevel.Warning, "Callers on this machine need no credentials for admin API and dashboard: Admission:Security:TrustLoopback is true.")]
    internal static partial void LogTrusting(ILogger logger);
}
