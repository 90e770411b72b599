using Admission.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Admission.Security.Configuration;

/// <summary>The settings in force. A changed configuration is taken over as a whole, or, if anything in the section is wrong, not at all.</summary>
internal sealed partial class SecurityState : IDisposable
{
    private const string LosesEverything = SecurityReader.SectionName
        + ":Keys: no key of a viewer or an operator is left, so everybody on this machine would be let in. Give another key; or restart if this is meant, or say with TrustLoopback (true or false) what holds for this machine.";

    private readonly IConfigurationSection _section;
    private readonly ILogger<SecurityState> _logger;
    private readonly IDisposable _subscription;
    private readonly Lock _lock = new();
    private volatile SecuritySettings _settings;

    /// <param name="section">The section.</param>
    /// <param name="logger">Takes the refusal of a change.</param>
    /// <exception cref="AdmissionConfigurationException">The section has mistakes; all of them are listed.</exception>
    public SecurityState(IConfigurationSection section, ILogger<SecurityState> logger)
    {
        _section = section;
        _logger = logger;
        var errors = new List<string>();
        _settings = SecurityReader.Read(new SectionReader(section, errors));
        if (errors.Count > 0)
        {
            throw new AdmissionConfigurationException(errors);
        }

        _subscription = ChangeToken.OnChange(section.GetReloadToken, Reload);
    }

    /// <summary>The settings. The same object until they change.</summary>
    public SecuritySettings Settings => _settings;

    public void Dispose() => _subscription.Dispose();

    private void Reload()
    {
        lock (_lock)
        {
            var errors = new List<string>();
            var settings = SecurityReader.Read(new SectionReader(_section, errors));
            if (errors.Count > 0)
            {
                LogRefused(string.Join(" ", errors));
                return;
            }

            var before = _settings;
            var after = settings with { Jwt = before.Jwt };
            if (before.CanProve(AccessRole.Viewer) && !after.CanProve(AccessRole.Viewer) && after.TrustLoopback is null)
            {
                // A file that was deleted, or is empty for a moment, is not the wish to let in everybody on this machine.
                LogRefused(LosesEverything);
                return;
            }

            _settings = after;
            if (after.TrustLoopback is true && !before.TrustsLocal(AccessRole.Operator))
            {
                SecurityStart.LogTrusting(_logger);
            }

            if (!Same(settings.Jwt, before.Jwt))
            {
                LogNeedsRestart();
            }

            var ids = settings.Keys.Select(key => key.Id).ToHashSet(StringComparer.Ordinal);
            var old = before.Keys.Select(key => key.Id).ToHashSet(StringComparer.Ordinal);
            if (!ids.SetEquals(old))
            {
                LogKeys(settings.Keys.Count(key => !old.Contains(key.Id)), before.Keys.Count(key => !ids.Contains(key.Id)), settings.Keys.Count);
            }
        }
    }

    private static bool Same(JwtSettings? one, JwtSettings? other) =>
        one is null || other is null ? one == other
        : one with { ViewerRoles = [], OperatorRoles = [] } == other with { ViewerRoles = [], OperatorRoles = [] }
        && one.ViewerRoles.SequenceEqual(other.ViewerRoles, StringComparer.Ordinal) && one.OperatorRoles.SequenceEqual(other.OperatorRoles, StringComparer.Ordinal);

    [LoggerMessage(2218, LogLevel.Error, "The changed section Admission:Security has mistakes, and what was configured before stays in force: {Mistakes}")]
    private partial void LogRefused(string mistakes);

    [LoggerMessage(2211, LogLevel.Warning, "Admission:Security:Jwt has changed. It is read at start only: restart for it.")]
    private partial void LogNeedsRestart();

    [LoggerMessage(2212, LogLevel.Information, "The keys of Admission:Security have changed: {Added} new, {Removed} removed, {Count} in force.")]
    private partial void LogKeys(int added, int removed, int count);
}
