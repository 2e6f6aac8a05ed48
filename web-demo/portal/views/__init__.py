"""The pages and the calls their scripts make. A view asks the modules around it and answers."""
