using Admission.Dashboard.Components.Backends;
using Admission.Dashboard.Feed;
using Admission.Dashboard.Hosting;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Pages;

/// <summary>One backend: how it stands, who holds and who waits, and what an operator can change.</summary>
public sealed partial class BackendView
{
    private static readonly TimeSpan SaidFor = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private string _watched = "";
    private PlannedChange? _plan;
    private Func<BackendPage, PolicyPage, PlannedChange>? _wanted;
    private long _ownVersion;
    private string? _explanation;
    private string? _said;
    private DateTimeOffset _saidAt;
    private bool _mayOperate;

    /// <summary>Its id.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    [Inject]
    private IDashboardDesk Desk { get; set; } = null!;

    [Inject]
    private DashboardViewer Viewer { get; set; } = null!;

    /// <inheritdoc />
    protected override IDisposable? Watch(Action<BackendPage> next)
    {
        _watched = Id;
        return Feed.WatchBackend(Id, next);
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        // From one backend's page to another's the component stays.
        if (_watched.Length > 0 && !string.Equals(_watched, Id, StringComparison.Ordinal))
        {
            (_plan, _wanted, _ownVersion, _explanation, _said) = (null, null, 0, null, null);
            WatchAnew();
        }

        _mayOperate = await Viewer.MayOperateAsync();
    }

    /// <inheritdoc />
    protected override void Show(BackendPage next)
    {
        if (_said is not null && Now - _saidAt > SaidFor)
        {
            _said = null;
        }

        PlanWanted();
    }

    private void Plan(Func<BackendPage, PolicyPage, PlannedChange> plan)
    {
        (_wanted, _said) = (plan, null);
        PlanWanted();
    }

    // Right after a change the page may still have the policy of before. What is asked next is asked about the new one, or an operator would be in conflict with himself.
    private void PlanWanted()
    {
        if (_wanted is { } wanted && Current is { Policy: { } policy } page && policy.Version >= _ownVersion)
        {
            (_plan, _wanted) = (wanted(page, policy), null);
        }
    }

    private void Over(long? version)
    {
        if (version is { } made)
        {
            (_said, _saidAt, _ownVersion) = (_plan?.Done, Now, made);
        }

        _plan = null;
    }

    private async Task ExplainAsync(string ticket)
    {
        using var patience = new CancellationTokenSource(Patience, Time);
        try
        {
            _explanation = await Desk.ExplainAsync(Id, ticket, patience.Token);
        }
        catch (OperationCanceledException)
        {
            _explanation = $"The ledger has not answered within {Patience.TotalSeconds:0} s.";
        }
    }
}
