using Admission.Dashboard.Feed;
using Admission.Dashboard.Hosting;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Backends;

/// <summary>Asks before a policy is changed, and says what has become of it.</summary>
public sealed partial class ConfirmChange : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _gone = new();
    private PlannedChange? _asked;
    private ChangeAnswer? _answer;
    private bool _isSending;
    private string _by = "";

    /// <summary>The backend.</summary>
    [Parameter, EditorRequired]
    public string Backend { get; set; } = "";

    /// <summary>What is to be changed; null for nothing.</summary>
    [Parameter, EditorRequired]
    public PlannedChange? Plan { get; set; }

    /// <summary>It is over: done, with the version of the policy that it made, or given up, with null.</summary>
    [Parameter]
    public EventCallback<long?> Over { get; set; }

    [Inject]
    private IDashboardDesk Desk { get; set; } = null!;

    [Inject]
    private DashboardViewer Viewer { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    /// <inheritdoc />
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (!ReferenceEquals(_asked, Plan))
        {
            (_asked, _answer) = (Plan, null);
            _by = await Viewer.NameAsync();
        }
    }

    private static string TitleOf(ChangeAnswer answer) => answer.Outcome switch
    {
        ChangeOutcome.Conflict => "Nothing was changed: somebody else was faster. Close this and look at the policy as it is now.",
        ChangeOutcome.Unknown => "Nobody knows yet whether it is changed. Look at the policy before you try again.",
        _ => "Nothing was changed.",
    };

    private Task Close() => _isSending ? Task.CompletedTask : Over.InvokeAsync(null);

    private async Task SendAsync()
    {
        if (Plan is not { } plan || _isSending)
        {
            return;
        }

        _isSending = true;
        try
        {
            _answer = await AnswerAsync(plan);
        }
        finally
        {
            _isSending = false;
        }

        if (_answer.Outcome == ChangeOutcome.Changed)
        {
            await Over.InvokeAsync(_answer.Version ?? plan.Version);
        }
    }

    private async Task<ChangeAnswer> AnswerAsync(PlannedChange plan)
    {
        if (!await Viewer.MayOperateAsync())
        {
            return new ChangeAnswer(ChangeOutcome.Refused, null, ["Your role is not operator, or not any more."]);
        }

        using var patience = new CancellationTokenSource(Patience, Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _gone.Token);
        try
        {
            return await Desk.ChangeAsync(Backend, plan.Version, plan.Edit, _by, both.Token);
        }
        catch (OperationCanceledException)
        {
            return new ChangeAnswer(ChangeOutcome.Unknown, null, [$"There was no answer within {Patience.TotalSeconds:0} s."]);
        }
    }
}
