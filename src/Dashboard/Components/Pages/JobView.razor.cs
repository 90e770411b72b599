using Admission.Dashboard.Feed;
using Admission.Dashboard.Hosting;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Pages;

/// <summary>One job with its attempts.</summary>
public sealed partial class JobView
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private JobPage? _page;
    private Asked _asked;
    private string? _problem;
    private string? _said;
    private bool _isBusy;
    private bool _mayOperate;

    private enum Asked
    {
        Nothing,
        Retry,
        Cancel,
    }

    /// <summary>Its id.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    [Inject]
    private IDashboardDesk Desk { get; set; } = null!;

    [Inject]
    private DashboardViewer Viewer { get; set; } = null!;

    private DateTimeOffset Now => Time.GetUtcNow();

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _mayOperate = await Viewer.MayOperateAsync();
            await LoadAsync();
            StateHasChanged();
        }
    }

    private async Task LoadAsync() =>
        _page = await AskAsync(cancellation => Desk.FindJobAsync(Id, cancellation), () => new JobPage(null, [], null, null, "The store has not answered in time."));

    private Task LookAgainAsync()
    {
        _said = null;
        return LoadAsync();
    }

    private void Close()
    {
        if (!_isBusy)
        {
            (_asked, _problem) = (Asked.Nothing, null);
        }
    }

    private async Task DoAsync()
    {
        if (!await Viewer.MayOperateAsync())
        {
            _problem = "Your role is not operator, or not any more.";
            return;
        }

        var (by, retry) = (await Viewer.NameAsync(), _asked == Asked.Retry);
        var answer = await AskAsync(
            cancellation => retry ? Desk.RetryJobAsync(Id, by, cancellation) : Desk.CancelJobAsync(Id, by, cancellation),
            () => new JobAnswer(false, "The store has not answered in time, and nobody knows yet what has become of it. Look again before you try again."));
        _problem = answer.Problem;
        if (answer.IsDone)
        {
            _asked = Asked.Nothing;
            _said = retry ? "The job is queued again." : "The job is cancelled.";
            await LoadAsync();
        }
    }

    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, Func<T> late)
    {
        _isBusy = true;
        using var patience = new CancellationTokenSource(Patience, Time);
        try
        {
            return await ask(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return late();
        }
        finally
        {
            _isBusy = false;
        }
    }
}
