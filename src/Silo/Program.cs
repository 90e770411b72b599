return await Admission.Silo.Hosting.SiloHost.RunAsync(args, Console.Out, Console.Error);
