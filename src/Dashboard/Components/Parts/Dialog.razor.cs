using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Admission.Dashboard.Components.Parts;

/// <summary>A modal dialog.</summary>
public sealed partial class Dialog
{
    private ElementReference _element;
    private bool _isShown;

    /// <summary>Its heading.</summary>
    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>Whether it is open.</summary>
    [Parameter, EditorRequired]
    public bool IsOpen { get; set; }

    /// <summary>The user has closed it.</summary>
    [Parameter]
    public EventCallback OnClose { get; set; }

    /// <summary>What is in it.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Inject]
    private IJSRuntime Script { get; set; } = null!;

    private string Id { get; } = $"dialog-{Guid.NewGuid():N}";

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_isShown == IsOpen)
        {
            return;
        }

        _isShown = IsOpen;
        try
        {
            await Script.InvokeVoidAsync(IsOpen ? "admission.open" : "admission.close", _element);
        }
        catch (JSDisconnectedException)
        {
            // The page has gone, and the dialog with it.
        }
    }

    private Task Closed()
    {
        if (!IsOpen)
        {
            return Task.CompletedTask;
        }

        // Whoever has it open while something is under way leaves it open, and then it is shown again.
        _isShown = false;
        return OnClose.InvokeAsync();
    }
}
