using Admission.Cli.Output;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.BackendCommands;

/// <summary>What the gateway says is wrong with a backend, for people.</summary>
internal static class Trouble
{
    /// <summary>From here on requests fail that should not; below it somebody has meant it, or it is only full.</summary>
    private const int Bad = 200;

    /// <summary>How bad the worst is.</summary>
    public static Level LevelOf(OverviewRowView backend) => backend.Troubles is [{ } worst, ..] ? LevelOf(worst) : Level.None;

    /// <inheritdoc cref="LevelOf(OverviewRowView)"/>
    public static Level LevelOf(TroubleView trouble) => trouble.Weight >= Bad ? Level.Bad : Level.Watch;

    /// <summary>All that is wrong, the worst first.</summary>
    public static string Words(OverviewRowView backend) => string.Join("; ", backend.Troubles.Select(each => each.Words).Concat(backend.Status == "not-protected" ? ["in shadow only"] : []));
}
