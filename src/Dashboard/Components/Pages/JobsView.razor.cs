using Admission.Dashboard.Components.Formatting;
using Admission.Dashboard.Feed;
using Admission.Dashboard.Hosting;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Pages;

/// <summary>Deferred jobs: how many there are, and the search among them. The list stays as it was found, so that it can be read; only the counts are live.</summary>
public sealed partial class JobsView
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private string _id = "";
    private string _state = "";
    private string _backend = "";
    private string _tenant = "";
    private long? _before;
    private JobsPage? _page;
    private bool _isSearching;
    private string _found = "";
    private bool _mayOperate;

    /// <summary>Only jobs in this state, by the address.</summary>
    [SupplyParameterFromQuery(Name = "state")]
    private string? AskedState { get; set; }

    [Inject]
    private IDashboardDesk Desk { get; set; } = null!;

    [Inject]
    private DashboardViewer Viewer { get; set; } = null!;

    /// <inheritdoc />
    protected override void OnInitialized() => _state = AskedState is { Length: > 0 } asked && Jobs.JobTotals.States.Contains(asked, StringComparer.Ordinal) ? asked : "";

    /// <inheritdoc />
    protected override IDisposable? Watch(Action<JobCounts> next) => Feed.WatchJobs(next);

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await SearchAsync();
            StateHasChanged();
        }
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private Task ChooseState(string state)
    {
        (_state, _id) = (state, "");
        return SearchAsync();
    }

    private Task SearchAsync() => GoAsync(null);

    private async Task GoAsync(long? before)
    {
        _isSearching = true;
        using var patience = new CancellationTokenSource(Patience, Time);
        try
        {
            _mayOperate = await Viewer.MayOperateAsync();
            _page = await Desk.SearchJobsAsync(
                new JobSearch { Id = Given(_id), State = Given(_state), Backend = Given(_backend), Tenant = Given(_tenant), Before = before }, patience.Token);
            _before = before;
        }
        catch (OperationCanceledException)
        {
            _page = new JobsPage([], null, $"The store has not answered within {Patience.TotalSeconds:0} s.");
        }
        finally
        {
            _isSearching = false;
        }

        _found = _page.Problem ?? $"{Words.Of(_page.Jobs.Count, "job")} found{(_page.Next is null ? "" : ", and there are older ones")}";
    }
}
